// The owner of a partition over stores in memory, with workers of other processes played by the test.
import assert from 'node:assert/strict'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { AssignedPartition } from '../../../../infra/topic-log/topic-log.js'
import { timedSignal } from '../../../../infra/waiting/signals.js'
import { PartitionOwner } from '../../../../processors/delivery/partition-owner.js'
import { type JobContent } from '../../../../processors/delivery/queue/delivery-queue.js'
import { MemoryQueue } from '../../../../processors/delivery/queue/memory-queue.js'
import { encodeMetadata } from '../../../../processors/delivery/settlement/commit-metadata.js'
import { MemorySettlement } from '../../../../processors/delivery/settlement/memory-settlement.js'

const never = new AbortController().signal

describe('the owner of a partition', () => {
  let store: MemorySettlement
  let queue: MemoryQueue
  let jobs: JobContent[]
  let confirmed: string[]
  let rewinds: number

  beforeEach(() => {
    ;[store, queue, jobs, confirmed, rewinds] = [new MemorySettlement(), new MemoryQueue(), [], [], 0]
    const add = queue.add.bind(queue)
    queue.add = async (more) => {
      jobs.push(...more)
      await add(more)
    }
  })

  async function open(nextOffset: number, metadata = '', doubtMs = 0): Promise<PartitionOwner> {
    const assigned: AssignedPartition = {
      ...{ topic: 'alerts', partition: 0, nextOffset, metadata, unconfirmed: 1 },
      confirm: (from, to = from + 1) => confirmed.push(`${String(from)}-${String(to)}`),
      finish: () => Promise.resolve(false),
      touch: () => undefined,
      rewind: () => rewinds++,
    }
    const owner = new PartitionOwner(assigned, { store, queue, log: SILENT_LOGGER, sink: 'x', doubtMs })
    await owner.open()
    return owner
  }

  const alertsOf = (from: number, to: number): JobContent['alerts'] =>
    Array.from({ length: to - from }, (_, index) => ({ offset: from + index, bytes: new Uint8Array(10) }))
  const settle = async (index: number, from: number, to: number): Promise<void> => {
    const { id, epoch } = jobs[index] ?? { id: '', epoch: '' }
    assert.notEqual(await store.settle({ partition: 0, epoch, jobId: id }, [[from, to]], []), null)
  }

  it('learns what others settled just before it claimed more', async () => {
    const owner = await open(0, '', 60_000)
    await owner.enqueue([alertsOf(0, 5)])
    await settle(0, 0, 5)
    await owner.enqueue([alertsOf(5, 9)])
    await owner.look()
    assert.deepEqual(confirmed, ['0-5'])
  })

  it('takes no job for lost that was settled while it looked', async () => {
    const owner = await open(0)
    await owner.enqueue([alertsOf(0, 5)])
    const existing = queue.existing.bind(queue)
    queue.existing = async (ids) => {
      await settle(0, 0, 5)
      return await existing(ids.slice(1))
    }
    await owner.look()
    await owner.look()
    assert.deepEqual([confirmed.includes('0-5'), rewinds, owner.isNew(2)], [true, 0, false])
  })

  it('reads only the alerts of a lost job again', async () => {
    const owner = await open(0)
    await owner.enqueue([alertsOf(0, 5), alertsOf(5, 9)])
    const { round } = owner
    const lost = jobs[0]?.id
    const existing = queue.existing.bind(queue)
    queue.existing = async (ids) => await existing(ids.filter((id) => id !== lost))
    let isWoken = false
    // Ends with close() at the latest.
    const room = owner.room(0, never).then(() => (isWoken = true))
    await owner.look()
    await owner.look()
    assert.equal(rewinds, 1)
    assert.notEqual(owner.round, round)
    assert.deepEqual([owner.isNew(0), owner.isNew(4), owner.isNew(5), isWoken], [true, true, false, false])
    owner.close()
    await room
  })

  it('passes on to later owners that the store was emptied: they may read again what was in messages before', async () => {
    const first = await open(0)
    assert.equal(first.repeatsUntilMs, 0)
    store.clear()
    await first.look()
    assert.ok(first.repeatsUntilMs > 0)
    const second = await open(0, first.metadata(0))
    assert.equal(second.repeatsUntilMs, first.repeatsUntilMs)
  })

  it('waits for nothing below the committed offset, also after it took the partition over', async () => {
    const former = await open(0)
    await former.enqueue([alertsOf(0, 5)])
    const metadata = former.metadata(0)
    const epoch = jobs[0]?.epoch ?? ''
    assert.ok(metadata.includes(epoch))
    const owner = await open(5, encodeMetadata({ epoch, settled: [] }, 5))
    await owner.room(0, never)
    await owner.enqueue([alertsOf(5, 9)])
    const room = owner.room(0, never)
    owner.metadata(9)
    await room
    assert.equal(owner.isNew(8), false)
  })

  it('counts the jobs of the former owner in the bytes of the queue', async () => {
    const former = await open(0)
    await former.enqueue([alertsOf(0, 100)])
    const owner = await open(0, former.metadata(0))
    const timed = timedSignal(20)
    await owner.room(1_000, timed.signal)
    assert.equal(timed.signal.aborted, true)
    await owner.room(1_000_000, never)
  })
})
