// The commands over the past on a real broker: events of a collector's capture and of two made hosts, an archive in a folder.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../infra/kafka/kafka-topic-log.js'
import { packageRoot } from '../../../infra/process/package-root.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { type TopicKey, TOPICS } from '../../../infra/topic-log/topics.js'
import { ARCHIVE_TOPICS, type ArchiveTopic } from '../../../processors/forensics/columns.js'
import { FolderStore } from '../../../processors/forensics/objects/folder-store.js'
import { ObjectWriters } from '../../../processors/forensics/parquet/object-writer.js'
import type { Story } from '../../../processors/forensics/story/story.js'
import { type StoryEntry, entriesOf } from '../../../processors/forensics/story/story-tree.js'
import { Codec } from '../../../schemas/codec.js'
import type { ArchiveEntry, ProcessEvent } from '../../../schemas/generated/types.js'
import { HostEvents } from '../../support/forensics/host-events.js'
import { testAlert } from '../../support/records/test-alert.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { askCommand, valuesOf } from '../../support/system/asked-command.js'
import { type EndedCommand, runInHost } from '../../support/system/command-host.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'

const CAPTURE = join(packageRoot(), 'test/fixtures/captures/demo.capture')
const SCOPE = '--before=10m --after=10m'.split(' ')

describe('commands over the past', function () {
  this.timeout(120_000)
  const codec = new Codec()
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-past-'))
  const archive = join(folder, 'archive')
  const host = new HostEvents(undefined, undefined, (Date.now() - 120_000) * 1000)
  let config: KafkaConfig
  let environment: Record<string, string>

  /** Appends records, and waits until the broker has them. */
  async function append(
    records: readonly { readonly topic: TopicKey; readonly key: string; readonly value: Uint8Array; readonly timestampMs: number }[],
  ): Promise<void> {
    const log = new KafkaTopicLog(config, SILENT_LOGGER)
    const appender = await log.appender(
      () => undefined,
      (_topic, _mark, _records, reason) => assert.fail(reason),
    )
    let mark = 0
    for (const { topic, key, value, timestampMs } of records) {
      const isRoom = appender.append({
        topic,
        key: Buffer.from(key),
        value,
        valueStart: 0,
        valueEnd: value.length,
        timestampMs,
        mark: ++mark,
      })
      if (!isRoom) await appender.drained()
    }
    await appender.flush()
    await appender.close()
    await log.close()
  }

  const recordOf = ({ topic, record }: HostEvents['events'][number]): Parameters<typeof append>[0][number] => ({
    topic,
    key: record.origin.hostId,
    value: codec.encode(topic as TopicKey, record as never),
    timestampMs: Math.floor(record.origin.wallTimeUs / 1000),
  })

  before(async () => {
    config = await freshKafkaTopics({}, 2)
    environment = {
      EUNOMIA_KAFKA_BROKERS: config.brokers.join(','),
      EUNOMIA_KAFKA_TOPIC_PREFIX: config.topicPrefix ?? '',
      EUNOMIA_STATE_FOLDER: folder,
      EUNOMIA_ARCHIVE_URL: archive,
      EUNOMIA_QUERY_CACHE_FOLDER: join(folder, 'cache'),
    }
    // A process of its own: a collector gives its privileges up.
    const collector = new EunomiaProcess(['collect', '--output', 'kafka', '--capture', CAPTURE], environment)
    assert.equal(await collector.ended(), 0, collector.stderr)
    const other = new HostEvents('6f1cf2a4-1111-4222-8333-444455556666', 'b0b0b0b0-1111-4222-8333-444455556666', host.nowUs)
    for (const one of [host, other]) {
      const shell = one.spawn(one.init(), 500, '/bin/sh')
      const cat = one.spawn(shell, 501, '/bin/cat', '/etc/shadow')
      one.file(cat, '/etc/shadow')
      if (one === host) one.lose('file', 3)
      one.file(cat, '/tmp/=out', { isWrite: true })
      one.exit(cat)
      one.alert(cat, { alertId: (one === host ? 'a1' : 'b2').repeat(16) })
    }
    await append([...host.events, ...other.events].map(recordOf))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const run = async (...args: string[]): Promise<EndedCommand> => await runInHost(args, { environment })
  const ask = async (...args: string[]): Promise<string> => await askCommand(args, environment)
  const storyOf = async (...args: string[]): Promise<Story> =>
    JSON.parse(await ask('context', ...args, ...SCOPE, '--format', 'json')) as Story
  const entries = ({ tree }: Story): StoryEntry[] => [...entriesOf(tree.root)].map(({ entry }) => entry)

  it('context: of an alert by the beginning of its id, only of its host, with what is missing', async () => {
    const story = await storyOf('a1a1')
    assert.deepEqual(
      entries(story).map(({ name, relation }) => [name, relation]),
      [
        ['systemd', 'ancestor'],
        ['sh', 'ancestor'],
        ['cat', 'alert'],
      ],
    )
    assert.deepEqual([story.events, story.missing.missing, story.unread], [7, 3, []])
    const tree = await ask('context', 'a1a1', ...SCOPE)
    assert.match(tree, /cat \(501\) root ◀ the alert/)
    assert.match(tree, /GAP: 3 events of eunomia\.file\.v1 on CPU 0 missing/)
    assert.match(await ask('context', 'a1a1', ...SCOPE, '--format', 'html'), /^<!doctype html>/)
    const { status, stderr } = await run(...['context', 'ffff'])
    assert.deepEqual([status, /no alert ffff/.test(stderr)], [2, true])
  })

  it('context: of an alert in a file, about a process that a collector saw', async () => {
    const execs = valuesOf<{ topic: string } & ProcessEvent>(
      await ask('timeline', '--since', '2020-01-01', '--kind', 'exec', '--format', 'json'),
    )
    const seen = execs.find(
      ({ origin, process, result }) =>
        origin.hostId !== host.hostId && process.containerId !== null && process.execCount > 0 && result === 0,
    )
    assert.ok(seen !== undefined)
    const file = join(folder, 'alert.json')
    writeFileSync(
      file,
      JSON.stringify(testAlert({ process: seen.process, origin: seen.origin, containerId: seen.process.containerId, path: null })),
    )
    const story = await storyOf(file)
    const focus = entries(story).find(({ relation }) => relation === 'alert')
    assert.deepEqual([focus?.pids, focus?.args], [[seen.process.pid], seen.process.args.join(' ')])
    assert.ok(story.tree.processes > 3)
    assert.deepEqual([story.missing.missing, story.unread], [0, []])
    assert.equal(story.container?.containerId, seen.process.containerId)
  })

  it('timeline: in order, by host, process, kind and text; each format with its exports', async () => {
    const lines = (await ask('timeline', '--process', `501@${host.hostId}`, '--since', '1h', '--format', 'csv')).trimEnd().split('\n')
    assert.deepEqual(
      lines.slice(1).map((line) => /"([^"]*)","([^"]*)"/.exec(line)?.[2]),
      ['fork', 'exec', 'open-read', 'open-write', 'exit', 'alert'],
    )
    const out = join(folder, 'case')
    const { stderr, status } = await run(...['timeline', '--host', host.hostId, '--since', '1h', '--format', 'parquet', '--output', out])
    assert.deepEqual([status, /process\.parquet: 5 events, sha256 [0-9a-f]{64}/.test(stderr)], [0, true], stderr)
    const found = await ask('timeline', '--since', '1h', '--grep', '=OUT', '--kind', 'file', '--format', 'timesketch')
    assert.equal(found.trimEnd().split('\n').length, 2)
  })

  it('evidence: the same bytes twice, whole, and damage is named with status 1', async () => {
    const [first, second] = [join(folder, 'a.zip'), join(folder, 'b.zip')]
    const said = await ask('evidence', 'a1a1', ...SCOPE, '--output', first)
    await ask('evidence', 'a1a1', ...SCOPE, '--output', second)
    assert.ok(readFileSync(first).equals(readFileSync(second)))
    const sha256 = /manifest ([0-9a-f]{64})/.exec(said)?.[1] ?? ''
    assert.match(await ask('evidence', 'verify', first, '--sha256', sha256), /files as in the manifest/)
    const again = await run(...['evidence', 'a1a1', '--output', first])
    assert.deepEqual([again.status, /it exists already/.test(again.stderr)], [2, true])
    const bytes = readFileSync(second)
    bytes[200] = (bytes[200] ?? 0) ^ 1
    writeFileSync(second, bytes)
    assert.equal((await run(...['evidence', 'verify', second])).status, 1)
  })

  it('query: over the objects that have entries; a damaged one is named and left out', async () => {
    const store = await FolderStore.open(archive)
    const writers = await ObjectWriters.create(codec)
    const made: ArchiveEntry[] = []
    for (const topic of ARCHIVE_TOPICS) {
      const own = host.events.filter((event) => event.topic === topic).map(recordOf)
      if (own.length > 0) made.push(await archived(topic, own, writers, store))
    }
    await store.put('process/without-entry.parquet', readFileSync(join(archive, made[0]?.object ?? '')))
    await append(
      made.map((entry) => ({ topic: 'archive', key: entry.object, value: codec.encode('archive', entry), timestampMs: Date.now() })),
    )
    const rows = valuesOf(await ask('query', '--format', 'json', 'SELECT type, count(*) AS n FROM process GROUP BY ALL ORDER BY ALL'))
    assert.deepEqual(rows, [
      { type: 'exec', n: 2 },
      { type: 'exit', n: 1 },
      { type: 'fork', n: 2 },
    ])
    assert.equal(await ask('query', '--format', 'csv', "SELECT path FROM file WHERE path LIKE '%out'"), '"path"\n"/tmp/=out"\n')
    const entry = made.find(({ topic }) => topic === TOPICS.file.name)
    const path = join(archive, entry?.object ?? '')
    const bytes = readFileSync(path)
    bytes[300] = (bytes[300] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const damaged = await run(...['query', '--format', 'json', 'SELECT count(*) AS n FROM file'])
    assert.deepEqual([damaged.status, damaged.stdout], [1, '{"n":0}\n'])
    assert.match(damaged.stderr, /not read: .*file.*sha256/)
    const refused = await run(...['query', "SELECT * FROM read_text('/etc/passwd')"])
    assert.deepEqual([refused.status, refused.stdout], [2, ''])
  })

  async function archived(
    topic: ArchiveTopic,
    records: ReturnType<typeof recordOf>[],
    writers: ObjectWriters,
    store: FolderStore,
  ): Promise<ArchiveEntry> {
    const writer = writers.begin(topic)
    for (const [offset, { key, value, timestampMs }] of records.entries())
      writer.add({
        offset,
        timestampMs,
        keyBytes: Buffer.from(key),
        keyStart: 0,
        keyEnd: key.length,
        valueBytes: value,
        valueStart: 0,
        valueEnd: value.length,
        headers: null,
      })
    const { content, facts } = writer.finish()
    const object = `${topic}/2026-11-28T06/0-0.parquet`
    await store.put(object, content)
    assert.ok(dirname(join(archive, object)).startsWith(archive))
    return {
      ...facts,
      object,
      topic: TOPICS[topic].name,
      partition: 0,
      firstOffset: 0,
      nextOffset: records.length,
      gaps: [],
      createdUs: 1,
    }
  }
})
