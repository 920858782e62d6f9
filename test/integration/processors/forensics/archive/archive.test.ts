// The archive over a real Kafka, by processes that are killed: what the entries name is what the topics have, each record once.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type KafkaConfig, topicNameOf } from '../../../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../../../infra/kafka/kafka-topic-log.js'
import { KafkaRangeReader } from '../../../../../infra/kafka/range-reader.js'
import { TransactionalWriter } from '../../../../../infra/kafka/transactional-writer.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import type { TopicKey } from '../../../../../infra/topic-log/topics.js'
import { pause } from '../../../../../infra/waiting/clock.js'
import { topicOfEntry, verifyArchive } from '../../../../../processors/forensics/archive/verify.js'
import { readArchiveEntries } from '../../../../../processors/forensics/history/archive-entries.js'
import { FolderStore } from '../../../../../processors/forensics/objects/folder-store.js'
import { ArchivedObject } from '../../../../../processors/forensics/parquet/object-reader.js'
import { Codec } from '../../../../../schemas/codec.js'
import type { ArchiveEntry } from '../../../../../schemas/generated/types.js'
import { copyToAlerts } from '../../../../support/load/copy-to-alerts.js'
import { sampleFileEvent, sampleOrigin, sampleProcessEvent } from '../../../../support/records/sample-records.js'
import { dose } from '../../../../support/runner/dose.js'
import { freshKafkaTopics } from '../../../../support/services/kafka-log.js'
import { sharedKafka } from '../../../../support/services/services.js'
import { type EndedCommand, runInHost } from '../../../../support/system/command-host.js'
import { waitFor } from '../../../../support/wait-for.js'

const codec = new Codec()
const USED = ['process', 'file', 'alerts'] as const
/** Within the retention of the topics, and beyond that of the archive. */
const STARTED_MS = Date.now() - 3 * 86_400_000
const NEVER = new AbortController().signal
const KILLS = dose(4, 30)
const EVENTS = dose(3_000, 19_800)
const jsonLines = <Line>(text: string): Line[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)
const withoutOffsets = (texts: readonly string[]): string[] => texts.map((text) => text.replace(/^(\S+ \S+) \S+/, '$1')).sort()
const SCRIPT = fileURLToPath(new URL('../../../../support/forensics/archive-worker.js', import.meta.url))

describe('the archive over Kafka', function () {
  let config: KafkaConfig
  let folder: string
  let ranges: KafkaRangeReader
  const workers: ChildProcess[] = []

  before(async () => {
    await sharedKafka()
    // A static member takes its partitions back at once.
    config = await freshKafkaTopics({ instanceId: 'archive', sessionTimeoutMs: 60_000 })
    folder = await mkdtemp(join(tmpdir(), 'eunomia-archive-'))
    ranges = new KafkaRangeReader(config, SILENT_LOGGER)
  })

  after(async () => {
    for (const worker of workers) worker.kill('SIGKILL')
    await ranges.close()
    await rm(folder, { recursive: true })
  })

  function startWorker(): ChildProcess {
    const worker = spawn(process.execPath, [SCRIPT, JSON.stringify(config), folder], { stdio: ['ignore', 'inherit', 'inherit'] })
    workers.push(worker)
    return worker
  }

  /** Events of some hosts in two topics; those of `process` are copied to `alerts` in transactions, whose marks are offsets without records. */
  async function publish(from: number, to: number): Promise<void> {
    const log = new KafkaTopicLog({ ...config, batchBytes: 4_000 }, SILENT_LOGGER)
    const ignore = (): void => undefined
    const appender = await log.appender(ignore, ignore)
    for (let seq = from; seq < to; seq++) {
      const origin = sampleOrigin({ seq, hostId: `host-${String(seq % 5)}` })
      const topic = seq % 2 === 0 ? 'process' : 'file'
      const value =
        topic === 'process' ? codec.encode('process', sampleProcessEvent({ origin })) : codec.encode('file', sampleFileEvent({ origin }))
      const record = { topic, key: Buffer.from(origin.hostId), value, valueStart: 0, valueEnd: value.length } as const
      if (!appender.append({ ...record, timestampMs: STARTED_MS + seq, mark: seq })) await appender.drained()
    }
    await appender.flush()
    await log.close()
  }

  const entries = async (): Promise<readonly ArchiveEntry[]> => await readArchiveEntries(ranges, codec, NEVER, (what) => assert.fail(what))

  /** Each record as one text, by the place where it is. */
  const textOf = (topic: string, partition: number, offset: number, timestampMs: number, key: Uint8Array, value: Uint8Array): string =>
    `${topic} ${String(partition)} ${String(offset)} ${String(timestampMs)} ${Buffer.from(key).toString()} ${Buffer.from(value).toString('base64')}`

  async function inTopics(reader = ranges, topics: readonly TopicKey[] = USED): Promise<string[]> {
    const texts: string[] = []
    for (const { topic, partition, first, end } of await reader.bounds(topics)) {
      const range = { topic, partition, from: first, to: end }
      for await (const batch of reader.read(range, { signal: NEVER, onDamaged: () => assert.fail('damaged') })) {
        while (batch.next()) {
          const key = batch.keyBytes.subarray(batch.keyStart, batch.keyEnd)
          texts.push(
            textOf(topic, partition, batch.offset, batch.timestampMs, key, batch.valueBytes.subarray(batch.valueStart, batch.valueEnd)),
          )
        }
      }
    }
    return texts.sort()
  }

  async function inArchive(): Promise<string[]> {
    const store = await FolderStore.open(folder)
    const texts: string[] = []
    for (const entry of await entries()) {
      const topic = topicOfEntry(entry)
      assert.ok(topic !== undefined)
      const object = await ArchivedObject.open(await store.get(entry.object))
      for (const batch of object.batches({ topic, partition: entry.partition })) {
        while (batch.next()) {
          const key = batch.keyBytes.subarray(batch.keyStart, batch.keyEnd)
          const value = batch.valueBytes.subarray(batch.valueStart, batch.valueEnd)
          texts.push(textOf(topic, entry.partition, batch.offset, batch.timestampMs, key, value))
        }
      }
    }
    return texts.sort()
  }

  it('has each record once, whenever its process is killed', async () => {
    const copier = new KafkaTopicLog({ ...config, instanceId: 'copier' }, SILENT_LOGGER)
    await copier.consume({ group: 'copiers', topics: ['process'], from: 'earliest', maxBatchBytes: 8_000, handler: copyToAlerts })
    for (let kill = 0; kill < KILLS; kill++) {
      const before = (await entries()).length
      const worker = startWorker()
      await publish((kill * EVENTS) / KILLS, ((kill + 1) * EVENTS) / KILLS)
      await waitFor('entries', async () => (await entries()).length >= before + 2)
      // In the middle of what it does then: reading, packing, storing, committing.
      await pause(Math.random() * 600)
      worker.kill('SIGKILL')
      await once(worker, 'exit')
    }
    startWorker()
    const expected = await waitFor('all copies', async () => {
      const texts = await inTopics()
      return texts.filter((text) => text.startsWith('alerts ')).length === EVENTS / 2 ? texts : undefined
    })
    assert.equal(expected.length, EVENTS * 1.5)
    const count = async (): Promise<number> => (await entries()).reduce((sum, { records }) => sum + records, 0)
    let reached = 0
    await waitFor('all records', async () => (reached = await count()) >= expected.length, { progress: () => reached, everyMs: 200 })
    await copier.close()
    assert.deepEqual(await inArchive(), expected)
    const store = await FolderStore.open(folder)
    const report = await verifyArchive(await entries(), {}, { store, signal: NEVER })
    assert.deepEqual(report.findings, [])
    assert.equal(report.records, expected.length)
    assert.ok(report.gaps.absent > 0, 'the marks of transactions are named')
  })

  it('verify names objects that are cut, damaged, missing or of others, and offsets that no object has', async () => {
    const store = await FolderStore.open(folder)
    const all = (await entries()).filter(({ topic }) => topic === 'eunomia.file.v1')
    const [cut, flipped, missing, foreign, doubled] = all
    assert.ok(cut !== undefined && flipped !== undefined && missing !== undefined && foreign !== undefined && doubled !== undefined)
    const originals = await Promise.all(
      [cut, flipped, missing, foreign].map(async ({ object }) => [object, await store.get(object)] as const),
    )
    const content = await readFile(store.fileOf(cut.object))
    await writeFile(store.fileOf(cut.object), content.subarray(0, 500))
    const bytes = await readFile(store.fileOf(flipped.object))
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4
    await writeFile(store.fileOf(flipped.object), bytes)
    await store.remove(missing.object)
    await writeFile(store.fileOf(foreign.object), content)
    const without = all.at(-1)
    const same = all.filter((entry) => entry !== without).concat({ ...doubled, object: `${doubled.object}x` })
    const { findings } = await verifyArchive(same, { topics: ['file'] }, { store, signal: NEVER })
    const named = (object: string): string | undefined => findings.find((finding) => finding.object === object)?.what
    assert.match(named(cut.object) ?? '', /it has 500 bytes/)
    assert.match(named(flipped.object) ?? '', /another SHA-256/)
    assert.match(named(missing.object) ?? '', /there is no object/)
    assert.match(named(foreign.object) ?? '', /bytes|SHA-256/)
    assert.ok(findings.some(({ what }) => what.includes('in another object, too')))
    const holed = all.filter((entry) => entry !== doubled)
    const { findings: holes } = await verifyArchive(holed, { topics: ['file'] }, { store, signal: NEVER })
    const isBetween =
      all[all.indexOf(doubled) + 1]?.partition === doubled.partition && all[all.indexOf(doubled) - 1]?.partition === doubled.partition
    assert.equal(
      holes.some(({ what, from }) => what.includes('in no object') && from === doubled.firstOffset),
      isBetween,
    )
    for (const [object, original] of originals) await store.put(object, original)
  })
  const command = async (...words: string[]): Promise<EndedCommand> => {
    const environment = {
      EUNOMIA_CONFIG: '/dev/null',
      EUNOMIA_KAFKA_BROKERS: config.brokers.join(','),
      EUNOMIA_KAFKA_TOPIC_PREFIX: config.topicPrefix ?? '',
      EUNOMIA_ARCHIVE_URL: folder,
      EUNOMIA_ARCHIVE_RETENTION_DAYS: 'process=1,file=1',
    }
    return await runInHost(['archive', ...words], { environment })
  }

  it('shows what is archived, joins small objects, and restores records with partition, time, key and value', async () => {
    const status = await command('status', '--json')
    const rows = jsonLines<{ topic: string; records: number; lag: number }>(status.stdout)
    assert.deepEqual(
      rows.filter(({ records }) => records > 0).map(({ topic, records }) => [topic, records]),
      [
        ['process', EVENTS / 2],
        ['file', EVENTS / 2],
        ['alerts', EVENTS / 2],
      ],
      status.stderr,
    )
    const before = await entries()
    const compacted = await command('compact')
    assert.match(compacted.stdout, /^\d+ objects are joined into \d+/, compacted.stderr)
    const after = await entries()
    assert.ok(after.length < before.length / 2, `${String(before.length)} ${String(after.length)}`)
    assert.deepEqual(await inArchive(), await inTopics())
    const whole = await command('verify')
    assert.equal(whole.status, 0, whole.stdout + whole.stderr)
    // Without its last entry, a partition has offsets that count as archived.
    const [lost] = after.filter(({ topic }) => topic === 'eunomia.file.v1').sort((a, b) => b.nextOffset - a.nextOffset)
    assert.ok(lost !== undefined)
    const place = { topic: 'file', partition: lost.partition, first: 0, nextEntry: lost.nextOffset } as const
    const deps = { store: await FolderStore.open(folder), signal: NEVER, partitions: [place] }
    const { findings } = await verifyArchive(
      after.filter((entry) => entry !== lost),
      { topics: ['file'] },
      deps,
    )
    assert.ok(
      findings.some(
        ({ what, to, partition }) => what.includes('count as archived') && to === lost.nextOffset && partition === lost.partition,
      ),
    )
    const prefix = `${config.topicPrefix ?? ''}case.`
    const restored = await command('restore', '--to-prefix', prefix, '--topic', 'file')
    assert.match(restored.stdout, new RegExp(`^${String(EVENTS / 2)} records`), restored.stderr)
    const copies = new KafkaRangeReader({ ...config, topicPrefix: prefix }, SILENT_LOGGER)
    assert.deepEqual(withoutOffsets(await inTopics(copies, ['file'])), withoutOffsets(await inTopics(ranges, ['file'])))
    await copies.close()
    assert.match((await command('restore', '--to-prefix', prefix, '--topic', 'file')).stderr, /exists already/)
  })

  it('restores headers as they were', async () => {
    const writer = await TransactionalWriter.open(config, 'test.headers', SILENT_LOGGER)
    const place = { topic: topicNameOf(config, 'audit'), partition: 1, timestampMs: STARTED_MS }
    const headers = [
      ['trace', Buffer.from('a')],
      ['trace', Buffer.from('b')],
      ['other', Buffer.from([0, 255])],
    ] as const
    await writer.write([
      { ...place, key: null, value: Buffer.from('no record'), headers },
      { ...place, key: Buffer.from('key'), value: null },
    ])
    await writer.close()
    await waitFor('the entry', async () => (await entries()).some(({ topic, records }) => topic === 'eunomia.audit.v1' && records === 2))
    const prefix = `${config.topicPrefix ?? ''}headers.`
    const restored = await command('restore', '--to-prefix', prefix, '--topic', 'audit')
    assert.match(restored.stdout, /^2 records/, restored.stderr)
    const copies = new KafkaRangeReader({ ...config, topicPrefix: prefix }, SILENT_LOGGER)
    const read = async (reader: KafkaRangeReader): Promise<unknown[]> => {
      const found: unknown[] = []
      for (const { topic, partition, first, end } of await reader.bounds(['audit'])) {
        const range = { topic, partition, from: first, to: end }
        for await (const batch of reader.read(range, { signal: NEVER, onDamaged: () => assert.fail('damaged') })) {
          while (batch.next()) {
            const own = Buffer.from(batch.headers ?? []).toString('hex')
            found.push([partition, batch.timestampMs, batch.keyStart < 0, batch.valueStart < 0, own])
          }
        }
      }
      return found
    }
    const original = await read(ranges)
    assert.equal(original.length, 2)
    assert.match(JSON.stringify(original[0]), /"06[0-9a-f]+"/)
    assert.deepEqual(await read(copies), original)
    await copies.close()
  })

  it('removes what retention does not keep, but for what is held, and every offset keeps a reason', async () => {
    const all = await entries()
    const process = all.filter(({ topic }) => topic === 'eunomia.process.v1')
    const held = process.at(-1)
    assert.ok(held !== undefined)
    const time = (ms: number): string => new Date(ms).toISOString()
    const words = ['--topic', 'process', '--since', time(held.minTimestampMs), '--until', time(held.maxTimestampMs + 1)]
    const added = await command('hold', 'add', ...words, '--reason', 'case 4711')
    assert.equal(added.status, 0, added.stderr)
    const isHeld = (entry: ArchiveEntry): boolean =>
      entry.maxTimestampMs >= held.minTimestampMs && entry.minTimestampMs <= held.maxTimestampMs
    const isCleaned = ({ topic }: Pick<ArchiveEntry, 'topic'>): boolean => ['eunomia.process.v1', 'eunomia.file.v1'].includes(topic)
    const isLast = (entry: ArchiveEntry): boolean =>
      !all.some(
        ({ topic, partition, firstOffset }) => topic === entry.topic && partition === entry.partition && firstOffset > entry.firstOffset,
      )
    const kept = all.filter((entry) => isCleaned(entry) && (isLast(entry) || (process.includes(entry) && isHeld(entry))))
    assert.match((await command('clean', '--dry-run')).stdout, /would be removed/)
    assert.equal((await entries()).filter(isCleaned).length, all.filter(isCleaned).length)
    const cleaned = await command('clean')
    assert.equal(cleaned.status, 0, cleaned.stderr)
    const rest = await entries()
    assert.deepEqual(
      rest.filter(isCleaned).map(({ object }) => object),
      kept.map(({ object }) => object),
    )
    const report = jsonLines<{ gaps: { expired: number }; findings: number }>((await command('verify', '--json')).stdout).at(-1)
    assert.equal(report?.findings, 0)
    const store = await FolderStore.open(folder)
    for (const { object, topic } of all) {
      if (!isCleaned({ topic }) || kept.some((entry) => entry.object === object)) await store.get(object)
      else await assert.rejects(store.get(object))
    }
    const id = added.stdout.trim()
    assert.match((await command('hold', 'list')).stdout, new RegExp(`${id} +process .*case 4711`))
    assert.equal((await command('hold', 'end', id, '--reason', 'closed')).status, 0)
    assert.equal((await command('clean')).status, 0)
    assert.ok((await entries()).filter(isCleaned).every((entry) => kept.some(({ object }) => object === entry.object) && isLast(entry)))
    const last = jsonLines<{ findings: number }>((await command('verify', '--json')).stdout).at(-1)
    assert.equal(last?.findings, 0)
    // Far more objects than killed processes leave: they may be the archive of another cluster.
    const folderOf = join(folder, 'process', '2020-01-01T00')
    await mkdir(folderOf, { recursive: true })
    const foreign = Array.from({ length: 25 }, (_, index) => join(folderOf, `0-${String(index).padStart(20, '0')}-aaaaaaaaaaaa.parquet`))
    for (const path of foreign) {
      await writeFile(path, 'x')
      await utimes(path, 1, 1)
    }
    const refused = await command('clean')
    assert.match(refused.stderr, /25 objects have no entry/)
    assert.equal((await readdir(folderOf)).length, 25)
    assert.match((await command('clean', '--all-orphans')).stdout, /and 25 without an entry are removed/)
    assert.equal((await readdir(folderOf)).length, 0)
  })
})
