// A hunt over a real topic and a real archive: it finds what live detection found in the same events, with any number of workers, also after retention has
// removed the head of the topic.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { openHistory as openSettings } from '../../../../assembly/history.js'
import { runHuntHere } from '../../../../assembly/hunt.js'
import { loadConfig } from '../../../../infra/config/load-config.js'
import { topicNameOf, type KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { KafkaRangeReader } from '../../../../infra/kafka/range-reader.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { topicOfEntry } from '../../../../processors/forensics/archive/verify.js'
import { LoggedHistory } from '../../../../processors/forensics/history/logged-history.js'
import { StoredArchive } from '../../../../processors/forensics/history/stored-archive.js'
import type { BacktestReport, RuleComparison } from '../../../../processors/forensics/hunt/backtest.js'
import { loadHuntRules } from '../../../../processors/forensics/hunt/hunt-rules.js'
import { type HuntPlan, type HuntRequest, planHunt } from '../../../../processors/forensics/hunt/hunt-plan.js'
import { HuntMerge, type HuntResult } from '../../../../processors/forensics/hunt/merge-results.js'
import { runPlan, type SliceWorker } from '../../../../processors/forensics/hunt/run-plan.js'
import { SliceRunner } from '../../../../processors/forensics/hunt/run-slice.js'
import { FolderStore } from '../../../../processors/forensics/objects/folder-store.js'
import { MemoryStore } from '../../../../processors/membership/memory-store.js'
import { Codec } from '../../../../schemas/codec.js'
import type { Alert } from '../../../../schemas/generated/types.js'
import { archiveRanges } from '../../../support/forensics/archive-range.js'
import { Scene } from '../../../support/load/detection-scene.js'
import { sampleContainerFacts, sampleFileEvent, sampleOrigin, sampleProcess } from '../../../support/records/sample-records.js'
import { TWO_RULES } from '../../../support/records/test-rules.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { sharedKafka } from '../../../support/services/services.js'
import { runCommand, valuesOf } from '../../../support/system/asked-command.js'

const EVENTS = 600
const PARTITIONS = 3
const HOSTS = Array.from({ length: 5 }, (_, at) => `${String(at)}b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e11`)
const EARLY = 'a'.repeat(64)
const LATE = 'b'.repeat(64)
const codec = new Codec()

interface Hunted {
  readonly plan: HuntPlan
  readonly result: HuntResult
  readonly alerts: readonly Alert[]
}

describe('a hunt over Kafka and an archive', function () {
  this.timeout(120_000)
  const ends: (() => unknown)[] = []
  let config: KafkaConfig
  let live: readonly Alert[]
  let request: HuntRequest
  let direct: Hunted
  let folder: string

  before(async () => {
    await sharedKafka()
    config = await freshKafkaTopics({}, PARTITIONS)
    folder = mkdtempSync(join(tmpdir(), 'eunomia-archive-'))
    ends.push(() => rmSync(folder, { recursive: true }))
    const fromMs = Date.now()
    live = await detectLive(config)
    const rules = { files: [{ name: 'rules.yaml', text: TWO_RULES }], matching: 'first' as const }
    request = { fromMs, toMs: Date.now() + 1_000, rules }
  })
  after(async () => {
    for (const end of ends.reverse()) await end()
  })

  async function openHistory(): Promise<LoggedHistory> {
    const ranges = new KafkaRangeReader(config, SILENT_LOGGER)
    const archive = new StoredArchive({ ranges, openStore: () => FolderStore.open(folder), codec: new Codec(), log: SILENT_LOGGER })
    return new LoggedHistory({ ranges, archive, keyOf: (topic) => topicOfEntry({ topic }) })
  }

  async function hunt(change: Partial<HuntRequest>, workers: number): Promise<Hunted> {
    const history = await openHistory()
    const plan = await planHunt({ ...request, ...change }, history)
    await history.close()
    const alerts: Alert[] = []
    const onRow = (bytes: Uint8Array): void => void alerts.push(codec.decode('alerts', bytes))
    const merge = new HuntMerge(plan, { ruleSet: loadHuntRules(plan.rules).ruleSet, codec, onRow })
    const all = await Promise.all(
      Array.from({ length: workers }, async (): Promise<SliceWorker> => {
        const own = await openHistory()
        const runner = new SliceRunner(plan, { history: own, codec: new Codec() })
        return {
          run: async (index, signal) => await runner.run(plan.slices[index] ?? assert.fail('no slice'), signal),
          close: () => own.close(),
        }
      }),
    )
    const result = await runPlan(plan, { workers: all, merge, signal: new AbortController().signal })
    return { plan, result, alerts }
  }

  const ids = (alerts: readonly Alert[]): string[] => alerts.map(({ alertId }) => alertId).sort()

  it('finds exactly what live detection found, also with facts that came after their events', async () => {
    direct = await hunt({}, 1)
    assert.deepEqual(ids(direct.alerts), ids(live))
    const byId = new Map(live.map((alert) => [alert.alertId, alert]))
    for (const alert of direct.alerts) assert.deepEqual({ ...alert, ruleSetHash: '' }, { ...byId.get(alert.alertId), ruleSetHash: '' })
    assert.ok(direct.alerts.some(({ containerId, facts }) => containerId === LATE && facts === 'complete'))
    assert.deepEqual([direct.result.records, direct.result.unreadable, direct.result.failed], [EVENTS, 0, []])
    assert.ok(direct.plan.slices.every(({ object }) => object === null))
  })

  it('gives the same bytes in threads of the command', async () => {
    const { config: settings } = loadConfig({
      file: undefined,
      environment: { EUNOMIA_KAFKA_BROKERS: config.brokers.join(','), EUNOMIA_KAFKA_TOPIC_PREFIX: config.topicPrefix ?? '' },
      flags: [],
    })
    let rows = 0
    const progress: number[] = []
    const { signal } = new AbortController()
    const onProgress = ({ slicesEnded }: { readonly slicesEnded: number }): void => void progress.push(slicesEnded)
    const result = await runHuntHere(direct.plan, settings, { workers: 4, codec, onRow: () => rows++, signal, onProgress }, SILENT_LOGGER)
    assert.deepEqual([result.sha256, rows, progress.at(-1)], [direct.result.sha256, direct.alerts.length, direct.plan.slices.length])
    // A thread that ends takes its slice with it, not the hunt.
    const sasl = { ...settings.kafka.sasl, mechanism: 'plain' as const, username: 'nobody', passwordFile: join(folder, 'not-there') }
    const broken = { ...settings, kafka: { ...settings.kafka, sasl } }
    const ended = await runHuntHere(direct.plan, broken, { workers: 2, codec, onRow: () => assert.fail(), signal }, SILENT_LOGGER)
    assert.deepEqual([ended.failed.length, ended.records], [direct.plan.slices.length, 0])
    assert.match(ended.failed[0]?.reason ?? '', /its thread ended: .*not-there/)
  })

  it('is a command: alerts, their account on a terminal, and no hit only with it', async () => {
    const environment = { EUNOMIA_KAFKA_BROKERS: config.brokers.join(','), EUNOMIA_KAFKA_TOPIC_PREFIX: config.topicPrefix ?? '' }
    const range = ['--since', new Date(request.fromMs).toISOString(), '--until', new Date(request.toMs).toISOString(), '--workers', '2']
    const shadows = live.filter(({ path }) => path === '/etc/shadow').length
    const condition = 'evt.type in (open, openat, openat2) and fd.name = /etc/shadow'
    const lines = runCommand(['hunt', condition, ...range, '--format', 'json'], environment)
    assert.equal(lines.status, 0, lines.stderr)
    const alerts = valuesOf<Alert>(lines.stdout)
    assert.deepEqual([alerts.length, new Set(alerts.map(({ path }) => path))], [shadows, new Set(['/etc/shadow'])])
    const said = lines.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { account?: HuntResult })
    assert.deepEqual([said.at(-1)?.account?.rows, said.at(-1)?.account?.records], [shadows, EVENTS])
    const table = runCommand(['hunt', 'evt.type = openat and fd.name = /nowhere', ...range, '--host', HOSTS[1] ?? ''], environment)
    assert.equal(table.status, 0, table.stderr)
    assert.match(
      table.stdout,
      /^\nrange .*\nread +\d+ records in \d+ slices? of \d+ partitions?\n(.*\n)*gone +nothing\n(.*\n)*result +no hit in what was read\nsha256 +[0-9a-f]{64}\n$/,
    )
    const wrong = runCommand(['hunt', 'evt.type = openat and and', '--since', '1h'], environment)
    assert.deepEqual([wrong.status, wrong.stdout], [2, ''])
  })

  it('compares with the alerts of that time: the same rules find the same, others what is new and gone', () => {
    const environment = { EUNOMIA_KAFKA_BROKERS: config.brokers.join(','), EUNOMIA_KAFKA_TOPIC_PREFIX: config.topicPrefix ?? '' }
    const range = ['--since', new Date(request.fromMs).toISOString(), '--until', new Date(request.toMs).toISOString(), '--workers', '1']
    const replay = (text: string, ...flags: string[]): { readonly status: number | null; readonly rules: readonly RuleComparison[] } => {
      const file = join(folder, 'rules.yaml')
      writeFileSync(file, text)
      const { status, stdout, stderr } = runCommand(['replay', file, ...range, '--json', ...flags], environment)
      assert.notEqual(stdout, '', stderr)
      return { status, rules: (JSON.parse(stdout) as BacktestReport).rules }
    }
    const counts = ({ rule, fresh, gone, same }: RuleComparison): unknown => [rule, fresh, gone, same]
    const of = (rule: string): number => live.filter((alert) => alert.rule === rule).length
    const [bad, shadow] = [of('image is bad'), of('shadow was read')]
    const same = replay(TWO_RULES, '--exit-code')
    assert.deepEqual(
      [same.status, same.rules.map(counts)],
      [
        0,
        [
          ['image is bad', 0, 0, bad],
          ['shadow was read', 0, 0, shadow],
        ],
      ],
    )
    // What is not listed can't be compared.
    const few = runCommand(['replay', join(folder, 'rules.yaml'), ...range, '--json', '--limit', '3'], environment)
    assert.deepEqual([few.status, few.stdout], [2, ''])
    assert.match(few.stderr, /more than the 3 that are compared: raise --limit/)
    const junit = join(folder, 'backtest.xml')
    const changed = replay(TWO_RULES.replace('fd.name = /etc/shadow', 'fd.name in (/tmp/1, /tmp/2)'), '--exit-code', '--junit', junit)
    assert.deepEqual(
      [changed.status, changed.rules.map(counts)],
      [
        1,
        [
          ['image is bad', 0, 0, bad],
          ['shadow was read', 2, shadow, 0],
        ],
      ],
    )
    assert.match(readFileSync(junit, 'utf8'), /tests="2" failures="1"[^]*name="image is bad"\/>[^]*<failure message="2 new, \d+ gone">/)
  })

  it('gives the same bytes from the archive, once retention has removed the head of the topic', async () => {
    const ranges = new KafkaRangeReader(config, SILENT_LOGGER)
    const topicLog = new KafkaTopicLog(config, SILENT_LOGGER)
    ends.push(
      () => ranges.close(),
      () => topicLog.close(),
    )
    const bounds = await ranges.bounds(['file', 'container'])
    const wanted = bounds.flatMap(({ topic, partition, end }) => {
      const size = topic === 'file' ? 50 : end
      const count = end === 0 ? 0 : Math.ceil(end / size)
      return Array.from({ length: count }, (_, at) => ({
        topic: topic === 'file' ? ('file' as const) : ('container' as const),
        ...{ partition, from: at * size, to: Math.min((at + 1) * size, end) },
      }))
    })
    const store = await FolderStore.open(folder)
    await archiveRanges({ ranges, store, topicLog }, wanted)
    // An object without an entry is none of the archive.
    await store.put('file/2026-11-28T06/0-orphan.parquet', Buffer.from('no object'))
    for (const { topic, partition, end } of bounds)
      await deleteRecords(config, topicNameOf(config, topic), partition, Math.floor(end * 0.7))
    for (const workers of [1, 4]) {
      const mixed = await hunt({ prefer: 'topic' }, workers)
      assert.deepEqual([mixed.result.sha256, mixed.result.records], [direct.result.sha256, EVENTS])
      assert.ok(mixed.plan.slices.some(({ object }) => object === null) && mixed.plan.slices.some(({ object }) => object !== null))
      assert.deepEqual(
        mixed.plan.partitions.flatMap(({ missing }) => missing),
        [],
      )
      const archived = await hunt({}, workers)
      assert.equal(archived.result.sha256, direct.result.sha256)
      assert.ok(archived.plan.slices.every(({ object }) => object !== null))
    }
  })

  it('gives the same bytes from the archive of the settings, in threads that leave no files', async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'eunomia-hunt-'))
    const before = process.env['TMPDIR']
    process.env['TMPDIR'] = temporary
    try {
      const { config: settings } = loadConfig({
        file: undefined,
        environment: {
          EUNOMIA_KAFKA_BROKERS: config.brokers.join(','),
          EUNOMIA_KAFKA_TOPIC_PREFIX: config.topicPrefix ?? '',
          EUNOMIA_ARCHIVE_URL: folder,
        },
        flags: [],
      })
      const history = openSettings(settings, SILENT_LOGGER)
      const plan = await planHunt({ ...request, hosts: HOSTS }, history)
      await history.close()
      assert.ok(plan.slices.length > 4 && plan.slices.every(({ object }) => object !== null))
      const hunt = { workers: 3, codec, onRow: () => undefined, signal: new AbortController().signal }
      const { sha256, leftOut, failed } = await runHuntHere(plan, settings, hunt, SILENT_LOGGER)
      assert.deepEqual([sha256, leftOut, failed], [direct.result.sha256, 0, []])
      assert.deepEqual(readdirSync(temporary), [])
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
      rmSync(temporary, { recursive: true })
    }
  })

  it('names damaged objects and what is gone, and goes on', async () => {
    const whole = await hunt({}, 2)
    const [first, second, third] = whole.plan.slices
    assert.ok(typeof first?.object === 'string' && typeof second?.object === 'string' && typeof third?.object === 'string')
    const flipped = readFileSync(join(folder, first.object))
    flipped[100] = (flipped[100] ?? 0) ^ 1
    writeFileSync(join(folder, first.object), flipped)
    writeFileSync(join(folder, second.object), readFileSync(join(folder, second.object)).subarray(0, 500))
    rmSync(join(folder, third.object))
    const { result, alerts } = await hunt({}, 2)
    assert.deepEqual(
      result.failed.map(({ object, offsets }) => [object, offsets]),
      [first, second, third].map(({ object, from, to }) => [object, [from, to]]),
    )
    assert.equal(result.failedRecords, first.to - first.from + second.to - second.from + third.to - third.from)
    const lost = (alert: Alert): boolean => !alerts.some(({ alertId }) => alertId === alert.alertId)
    assert.ok(whole.alerts.some(lost) && alerts.every(({ alertId }) => whole.alerts.some((each) => each.alertId === alertId)))
  })
})

/** Publishes events with needles and detects them. @returns the alerts of live detection */
async function detectLive(config: KafkaConfig): Promise<readonly Alert[]> {
  const topicLog = new KafkaTopicLog(config, SILENT_LOGGER)
  const scene = await Scene.open({ topicLog, store: new MemoryStore(), close: () => topicLog.close() })
  const parts = [await scene.membership(), await scene.detect({ deadlineMs: 60_000 })]
  const facts = (containerId: string, hostId: string): void =>
    scene.publish('container', {
      ...scene.factsEvent(containerId, 'bad', { facts: sampleContainerFacts({ name: 'bad', imageRepository: 'bad' }) }),
      origin: sampleOrigin({ cpu: -1, hostId }),
    })
  for (const hostId of HOSTS) facts(EARLY, hostId)
  let expected = 0
  for (let seq = 0; seq < EVENTS; seq++) {
    const hostId = HOSTS[Math.floor(seq / 7) % HOSTS.length] ?? ''
    const containerId = seq % 50 === 7 ? LATE : seq % 60 === 9 ? EARLY : null
    const path = seq % 40 === 3 ? '/etc/shadow' : `/tmp/${String(seq)}`
    if (containerId !== null || path === '/etc/shadow') expected++
    const process = sampleProcess({ containerId, containerClaim: containerId })
    scene.publish('file', sampleFileEvent({ path, process, origin: sampleOrigin({ seq, hostId, wallTimeUs: Date.now() * 1_000 }) }))
  }
  await scene.pendingSeen(1)
  for (const hostId of HOSTS) facts(LATE, hostId)
  const alerts = [...(await scene.alerts(expected))]
  for (const part of parts) await part.stop('test')
  await scene.close()
  return alerts
}

async function deleteRecords(config: KafkaConfig, topic: string, partition: number, offset: number): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: [...config.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.fetchTopicOffsets(topic)
  await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] })
  await admin.disconnect()
}
