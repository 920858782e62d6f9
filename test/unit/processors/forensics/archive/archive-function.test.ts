// The function over the memory log and a folder: what it enters is what was appended, whatever fails in between.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Part } from '../../../../../infra/process/lifecycle.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { Metrics } from '../../../../../infra/process/metrics.js'
import { MemoryLog } from '../../../../../infra/topic-log/memory-log/memory-log.js'
import type { TopicAppender } from '../../../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../../../infra/topic-log/topics.js'
import { Archive, type ArchiveConfig } from '../../../../../processors/forensics/archive/archive-function.js'
import { ArchiveFolderError, FolderStore } from '../../../../../processors/forensics/objects/folder-store.js'
import type { ObjectStore } from '../../../../../processors/forensics/objects/object-store.js'
import { ArchivedObject } from '../../../../../processors/forensics/parquet/object-reader.js'
import { Membership, valueReader } from '../../../../../processors/membership/membership.js'
import { MemoryStore } from '../../../../../processors/membership/memory-store.js'
import { startFunction } from '../../../../../processors/runtime/start-function.js'
import { Codec } from '../../../../../schemas/codec.js'
import type { ArchiveEntry } from '../../../../../schemas/generated/types.js'
import { sampleOrigin, sampleProcessEvent } from '../../../../support/records/sample-records.js'
import { waitFor } from '../../../../support/wait-for.js'

const codec = new Codec()

describe('the function archive', () => {
  let folder: string
  let store: ObjectStore
  let log: MemoryLog
  let appender: TopicAppender
  let part: Part | undefined
  let archive: Archive | undefined
  let metrics: Metrics
  const entries: ArchiveEntry[] = []
  let mark = 0

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eunomia-archive-'))
    store = await FolderStore.open(folder)
    log = new MemoryLog({ retryMs: 1, maxRetryMs: 5 })
    metrics = new Metrics()
    entries.length = 0
    const ignore = (): void => undefined
    appender = await log.appender(ignore, ignore)
    await log.consume({
      group: 'entries',
      topics: ['archive'],
      from: 'earliest',
      handler: (batch) => {
        while (batch.next()) {
          const entry = codec.decode('archive', batch.valueBytes, batch.valueStart, batch.valueEnd)
          assert.equal(Buffer.from(batch.keyBytes.subarray(batch.keyStart, batch.keyEnd)).toString(), entry.object)
          entries.push(entry)
        }
        return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
      },
    })
  })

  afterEach(async () => {
    await part?.stop('for the test')
    archive?.close()
    await log.close()
    await rm(folder, { recursive: true })
  })

  async function start(config: Partial<ArchiveConfig> = {}): Promise<void> {
    archive = await Archive.create(
      { codec, store, log: SILENT_LOGGER, metrics },
      { objectBytes: 100_000, objectMs: 600_000, memoryBytes: 1 << 30, ...config },
    )
    const membership = new Membership(new MemoryStore(), valueReader(codec), metrics, SILENT_LOGGER)
    const deps = { topicLog: log, codec, membership, metrics, log: SILENT_LOGGER }
    part = await startFunction(archive.definition, deps, { maxBatchBytes: 20_000 })
  }

  async function append(topic: TopicKey, value: Uint8Array): Promise<void> {
    const isTaken = appender.append({
      ...{ topic, key: Buffer.from(sampleOrigin().hostId), value, valueStart: 0, valueEnd: value.length },
      ...{ timestampMs: 1_000 + mark, mark: ++mark },
    })
    if (!isTaken) await appender.drained()
  }

  async function appendEvents(from: number, to: number): Promise<void> {
    for (let seq = from; seq < to; seq++)
      await append('process', codec.encode('process', sampleProcessEvent({ origin: sampleOrigin({ seq }) })))
  }

  /** Numbers of the archived events, read from the objects of all entries. */
  async function archived(): Promise<number[]> {
    const found: number[] = []
    for (const entry of entries.filter(({ topic }) => topic === 'eunomia.process.v1')) {
      const content = await store.get(entry.object)
      assert.equal(createHash('sha256').update(content).digest('hex'), entry.sha256)
      assert.equal(content.length, entry.bytes)
      for (const batch of (await ArchivedObject.open(content)).batches({ topic: 'process', partition: 0 })) {
        while (batch.next()) found.push(codec.decode('process', batch.valueBytes, batch.valueStart, batch.valueEnd).origin.seq)
      }
    }
    return found
  }

  const lastEntered = (): number => entries.at(-1)?.nextOffset ?? 0

  it('enters each record once, in order, and commits what is entered', async () => {
    await start()
    await appendEvents(0, 2_000)
    await waitFor('most of them', () => lastEntered() > 1_500)
    await part?.stop('for the test')
    const end = lastEntered()
    assert.deepEqual(
      entries.map(({ firstOffset }) => firstOffset),
      [0, ...entries.slice(0, -1).map(({ nextOffset }) => nextOffset)],
    )
    assert.ok(entries.length > 3)
    assert.deepEqual(
      await archived(),
      Array.from({ length: end }, (_, seq) => seq),
    )
    archive?.close()
    await start({ objectMs: 0 })
    await waitFor('the rest', () => lastEntered() === 2_000)
    assert.deepEqual(
      await archived(),
      Array.from({ length: 2_000 }, (_, seq) => seq),
    )
    assert.deepEqual(entries[0]?.keys, [sampleOrigin().hostId])
    assert.deepEqual(entries[0].gaps, [])
  })

  it('ends with the place of its last entry, whatever it began with', async () => {
    await appendEvents(0, 1)
    // What one that was killed has left: an entry, and nothing after it.
    let isDone = false
    const killed = await log.consume({
      group: 'eunomia.archive',
      topics: ['process'],
      from: 'earliest',
      deferred: { assigned: () => undefined, ended: () => undefined, metadata: () => 'from=1' },
      handler: (batch, _signal, assigned) => {
        const nextOffset = batch.lastOffset + 1
        setImmediate(() => void assigned?.finish({ nextOffset, metadata: 'from=1', outputs: [] }).then((done) => (isDone = done)))
        return Promise.resolve({ nextOffset, outputs: [] })
      },
    })
    await waitFor('the entry', () => isDone)
    await killed.stop('for the test')
    await start({ objectMs: 0 })
    await appendEvents(1, 50)
    await waitFor('all of them', () => lastEntered() === 50)
    await part?.stop('for the test')
    archive?.close()
    await appendEvents(50, 60)
    await start({ objectMs: 0 })
    await waitFor('the rest', () => lastEntered() === 60)
    assert.deepEqual(
      entries.map(({ firstOffset }) => firstOffset),
      [1, ...entries.slice(0, -1).map(({ nextOffset }) => nextOffset)],
    )
  })

  it('tries an object again until it is stored, and reads no more than memory takes meanwhile', async () => {
    const real = store
    let failing = 5
    store = {
      description: real.description,
      put: (name, content) => (failing-- > 0 ? Promise.reject(new ArchiveFolderError('full')) : real.put(name, content)),
      get: (name) => real.get(name),
      remove: (name) => real.remove(name),
      list: (prefix) => real.list(prefix),
      fileOf: (name) => real.fileOf(name),
      close: () => real.close(),
    }
    failing = Infinity
    await start({ memoryBytes: 1_000_000 })
    await appendEvents(0, 3_000)
    const held = (): number => Number(/^eunomia_archive_held_bytes (\d+)/m.exec(page)?.[1] ?? -1)
    let page = ''
    await waitFor('the bound', async () => {
      page = await metrics.text()
      return held() >= 1_000_000 && /eunomia_archive_failures_total\{step="stored"\} [3-9]/.test(page)
    })
    assert.ok(held() < 1_500_000, String(held()))
    assert.deepEqual(entries, [])
    failing = 0
    await waitFor('all but the open object', () => lastEntered() > 2_800)
    assert.deepEqual(
      await archived(),
      Array.from({ length: lastEntered() }, (_, seq) => seq),
    )
  })

  it('cuts objects by their age, of each topic for itself, and archives what it can not read', async () => {
    await start({ objectMs: 1 })
    await append('process', Buffer.from('no record'))
    await append('host', Buffer.from([0, 0, 0, 99, 9, 1]))
    await append('alerts', new Uint8Array(0))
    await waitFor('three entries', () => entries.length === 3)
    assert.deepEqual(entries.map(({ topic, records, kinds }) => [topic, records, kinds]).sort(), [
      ['eunomia.alerts.v1', 1, null],
      ['eunomia.host.v1', 1, null],
      ['eunomia.process.v1', 1, null],
    ])
    const [entry] = entries.filter(({ topic }) => topic === 'eunomia.process.v1')
    assert.match(entry?.object ?? '', /^process\/\d{4}-\d\d-\d\dT\d\d\/0-00000000000000000000-[0-9a-f]{12}\.parquet$/)
    const object = await ArchivedObject.open(await store.get(entry?.object ?? ''))
    for (const batch of object.batches({ topic: 'process', partition: 0 })) {
      assert.ok(batch.next())
      assert.equal(Buffer.from(batch.valueBytes.subarray(batch.valueStart, batch.valueEnd)).toString(), 'no record')
    }
  })
})
