// One partition, without a log: which offsets its entries name, with which reason, and what it does when an entry can't be committed.
import assert from 'node:assert/strict'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { Metrics } from '../../../../../infra/process/metrics.js'
import type { AssignedPartition, FinishedStep } from '../../../../../infra/topic-log/topic-log.js'
import { archiveMetrics } from '../../../../../processors/forensics/archive/archive-metrics.js'
import { PartitionArchive } from '../../../../../processors/forensics/archive/partition-archive.js'
import type { ObjectStore } from '../../../../../processors/forensics/objects/object-store.js'
import { ObjectWriters } from '../../../../../processors/forensics/parquet/object-writer.js'
import { Codec } from '../../../../../schemas/codec.js'
import type { ArchiveEntry } from '../../../../../schemas/generated/types.js'
import { waitFor } from '../../../../support/wait-for.js'

const codec = new Codec()

describe('a partition that is archived', () => {
  const stored = new Map<string, Uint8Array>()
  const entries: ArchiveEntry[] = []
  const steps: FinishedStep[] = []
  let writers: ObjectWriters
  let rewinds = 0
  let isCommitted = true

  before(async () => {
    writers = await ObjectWriters.create(codec)
  })

  beforeEach(() => {
    stored.clear()
    entries.length = steps.length = rewinds = 0
    isCommitted = true
  })

  function open(nextOffset: number, metadata: string): PartitionArchive {
    const assigned: AssignedPartition = {
      ...{ topic: 'process', partition: 4, nextOffset, metadata, unconfirmed: 0 },
      confirm: () => assert.fail('it confirms nothing'),
      touch: () => undefined,
      rewind: () => rewinds++,
      finish: (step) => {
        steps.push(step)
        if (isCommitted) for (const { value } of step.outputs) entries.push(codec.decode('archive', value))
        return Promise.resolve(isCommitted)
      },
    }
    const store = { put: (name: string, content: Uint8Array) => Promise.resolve(void stored.set(name, content)) } as unknown as ObjectStore
    const metrics = archiveMetrics(new Metrics(), () => 0)
    const clock = { nowUs: () => 1_700_000_000_000_000, sleep: () => Promise.resolve() }
    return new PartitionArchive(assigned, 'process', {
      codec,
      writers,
      store,
      metrics,
      log: SILENT_LOGGER,
      clock,
      onFreed: () => undefined,
    })
  }

  function add(partition: PartitionArchive, ...offsets: number[]): void {
    const value = Buffer.from('no record')
    const span = { keyBytes: value, keyStart: -1, keyEnd: -1, valueBytes: value, valueStart: 0, valueEnd: value.length }
    for (const offset of offsets) partition.add({ offset, timestampMs: 1_000, ...span })
  }

  const ranges = (): unknown[] =>
    entries.map(({ firstOffset, nextOffset, gaps }) => [
      firstOffset,
      nextOffset,
      ...gaps.map((gap) => `${String(gap.firstOffset)}-${String(gap.nextOffset)} ${gap.reason}`),
    ])

  it('names each offset without a record with its reason, from the end of the last entry on', async () => {
    // 90 to 99 were committed without a record: marks at the end of a topic.
    const partition = open(100, 'from=90')
    add(partition, 100, 101)
    partition.skip([103, 110], 'damaged')
    partition.skip([112, 120], 'expired')
    add(partition, 121)
    partition.cut()
    await waitFor('the entry', () => entries.length === 1)
    partition.skip([122, 200], 'expired')
    add(partition, 200, 201)
    partition.cut()
    await waitFor('the next one', () => entries.length === 2)
    assert.deepEqual(ranges(), [
      [90, 122, '90-100 absent', '102-103 absent', '103-110 damaged', '110-112 absent', '112-120 expired', '120-121 absent'],
      [122, 202, '122-200 expired'],
    ])
    assert.deepEqual(
      steps.map(({ nextOffset, metadata }) => [nextOffset, metadata]),
      [
        [122, 'from=122'],
        [202, 'from=202'],
      ],
    )
    assert.equal(partition.metadata, 'from=202')
    assert.deepEqual(
      [...stored.keys()],
      entries.map(({ object }) => object),
    )
  })

  it('keeps what was skipped, and its reason, in the metadata of commits until an entry has it', async () => {
    const before = open(100, '')
    before.skip([100, 110], 'expired')
    before.skip([110, 112], 'damaged')
    add(before, 120)
    // Committed by the log while the record waits for its entry; then the process is killed.
    const { metadata } = before
    assert.equal(metadata, 'from=100 e100-110 d110-112')
    before.close()
    const after = open(120, metadata)
    add(after, 120)
    after.skip([121, 130], 'expired')
    after.cut()
    await waitFor('the entry', () => entries.length === 1)
    assert.deepEqual(ranges(), [[100, 121, '100-110 expired', '110-112 damaged', '112-120 absent']])
    assert.equal(steps[0]?.metadata, 'from=121 e121-130')
    assert.equal(after.metadata, 'from=121 e121-130')
    for (let offset = 200; offset < 2_000; offset += 10) after.skip([offset, offset + 1], 'damaged')
    assert.ok(after.metadata.length < 4_000)
  })

  it('ignores records that it has, and starts at the offset of the group without metadata of its own', async () => {
    const partition = open(7, 'settled: 4-9')
    add(partition, 7, 8, 9)
    add(partition, 8, 9, 10)
    partition.cut()
    await waitFor('the entry', () => entries.length === 1)
    assert.deepEqual([ranges(), entries[0]?.records], [[[7, 11]], 4])
  })

  it('reads again from its last entry when an entry can not be committed', async () => {
    const partition = open(0, '')
    add(partition, 0, 1)
    partition.cut()
    await waitFor('the entry', () => entries.length === 1)
    isCommitted = false
    add(partition, 2, 3)
    partition.cut()
    add(partition, 4)
    await waitFor('the rewind', () => rewinds === 1)
    assert.deepEqual([partition.heldBytes, partition.round, partition.metadata], [0, 1, 'from=2'])
    isCommitted = true
    add(partition, 2, 3, 4)
    partition.cut()
    await waitFor('the entry', () => entries.length === 2)
    assert.deepEqual(ranges(), [
      [0, 2],
      [2, 5],
    ])
  })
})
