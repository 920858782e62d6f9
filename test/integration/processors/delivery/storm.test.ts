// Storms of alerts at a pager: two instances over a real Kafka and Redis send few messages, and the counts of the messages are the alerts of the topic.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import type { KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { LocalService } from '../../../../infra/local/local-service.js'
import { startRedis } from '../../../../infra/local/redis-service.js'
import { connectRedis } from '../../../../infra/redis/redis.js'
import { TOPICS } from '../../../../infra/topic-log/topics.js'
import { Codec } from '../../../../schemas/codec.js'
import { ReceiverDouble } from '../../../support/delivery/receiver-double.js'
import { testAlert } from '../../../support/records/test-alert.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { sharedKafka, testServiceFolder } from '../../../support/services/services.js'
import { EunomiaProcess } from '../../../support/system/eunomia-process.js'
import { waitFor } from '../../../support/wait-for.js'

const CODEC = new Codec()
const ALERTS = 10_000
const RULES = 40

interface Incident {
  readonly event_action: 'trigger' | 'resolve'
  readonly dedup_key: string
  readonly payload: { readonly summary: string; readonly custom_details: Readonly<Record<string, string>> }
}

describe('eunomia deliver in a storm', () => {
  let folder: string
  let redis: LocalService
  let kafka: KafkaConfig
  let topicLog: KafkaTopicLog
  let pager: ReceiverDouble
  let instances: EunomiaProcess[]

  before(() => sharedKafka())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eunomia-storm-'))
    redis = await startRedis({ stateFolder: `${await testServiceFolder('storm')}/redis` }, SILENT_LOGGER)
    kafka = await freshKafkaTopics()
    topicLog = new KafkaTopicLog(kafka, SILENT_LOGGER)
    pager = new ReceiverDouble()
    pager.answer = () => ({ status: 202, body: { status: 'success' } })
    instances = []
    const sink = [
      '    kind: pagerduty',
      `    url: ${await pager.start()}`,
      '    allowPrivate: true',
      `    routingKey: {env: KEY}`,
      '    grouping: {summaries: [2, 4], newPerMinute: 5}',
    ]
    await writeFile(join(folder, 'deliver.yaml'), ['sinks:', '  pager:', ...sink].join('\n'))
  })
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') for (const { stderr } of instances) process.stderr.write(stderr)
    await Promise.all(instances.map((instance) => instance.kill()))
    await topicLog.close()
    await pager.stop()
    await redis.stop()
    await rm(folder, { recursive: true, force: true })
  })

  function start(): EunomiaProcess {
    const instance = new EunomiaProcess(['deliver'], {
      KEY: 'k',
      EUNOMIA_CONFIG: '/dev/null',
      EUNOMIA_DELIVER_FILE: join(folder, 'deliver.yaml'),
      EUNOMIA_KAFKA_BROKERS: kafka.brokers.join(','),
      EUNOMIA_KAFKA_TOPIC_PREFIX: kafka.topicPrefix ?? '',
      EUNOMIA_KAFKA_SESSION_TIMEOUT_MS: '6000',
      EUNOMIA_REDIS_URL: redis.address,
    })
    instances.push(instance)
    return instance
  }

  async function append(from: number, to: number): Promise<void> {
    const appender = await topicLog.appender(
      () => undefined,
      () => undefined,
    )
    for (let number = from; number < to; number++) {
      const rule = `Rule ${String(number % RULES)}`
      const alert = testAlert({ alertId: number.toString(16).padStart(32, '0'), rule, ruleId: rule })
      const hostId = `00000000-0000-4000-8000-${String(number % 9).padStart(12, '0')}`
      const value = CODEC.encode('alerts', { ...alert, origin: { ...alert.origin, hostId, wallTimeUs: Date.now() * 1000 } })
      const record = { topic: 'alerts' as const, key: Buffer.from(hostId), value, valueStart: 0, valueEnd: value.length }
      if (!appender.append({ ...record, timestampMs: Date.now(), mark: number + 1 })) await appender.drained()
    }
    await appender.close()
  }

  /** Whether a group has committed an offset of each partition. */
  async function isCommitted(): Promise<boolean> {
    const admin = new kafkajs.Kafka({ brokers: [...kafka.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
    try {
      const topic = `${kafka.topicPrefix ?? ''}${TOPICS.alerts.name}`
      const { groups } = await admin.listGroups()
      for (const { groupId } of groups) {
        const [of] = await admin.fetchOffsets({ groupId, topics: [topic] })
        if (of !== undefined && of.partitions.length > 0 && of.partitions.every(({ offset }) => Number(offset) >= 0)) return true
      }
      return false
    } finally {
      await admin.disconnect()
    }
  }

  const incidents = (): Incident[] => pager.requests.map(({ body }) => JSON.parse(body) as Incident)
  const countOf = ({ payload }: Incident): number => Number(/^(\d+) in this message/.exec(payload.custom_details['Alerts'] ?? '')?.[1])
  const triggers = (): Incident[] => incidents().filter(({ event_action: action }) => action === 'trigger')
  const sum = (messages: readonly Incident[]): number => messages.reduce((total, message) => total + countOf(message), 0)

  it('sends few messages, whose counts are the alerts of the topic, and ends each incident', async () => {
    start()
    start()
    await append(0, ALERTS)
    await waitFor('all alerts', () => sum(triggers()) >= ALERTS, { progress: () => sum(triggers()) })
    await waitFor('the end of all incidents', () => {
      const resolved = new Set(incidents().flatMap((one) => (one.event_action === 'resolve' ? [one.dedup_key] : [])))
      return triggers().every(({ dedup_key: key }) => resolved.has(key))
    })
    assert.equal(sum(triggers()), ALERTS)
    assert.ok(triggers().length <= 60, `${String(triggers().length)} messages`)
    const keys = new Set(triggers().map(({ dedup_key: key }) => key))
    assert.equal(keys.size, 6, 'five groups, and one for the alerts of all other rules')
    assert.ok(triggers().some(({ payload }) => /^\d+: /.test(payload.custom_details['Rules'] ?? '')))
    assert.deepEqual(
      triggers().filter(({ payload }) => payload.custom_details['Note'] !== undefined),
      [],
    )
  })

  it('loses no alert when Redis is emptied and an instance is killed; what may repeat says so', async () => {
    const first = start()
    start()
    await append(0, 2_000)
    await waitFor('some messages', () => triggers().length > 3)
    // What an instance sends before its first commit is sent again without a note: nothing shows that there was one.
    await waitFor('a commit of each partition', isCommitted)
    await first.kill()
    const redisClient = connectRedis({ url: redis.address }, SILENT_LOGGER)
    assert.equal(await redisClient.waitUntilReady(10_000), true)
    await redisClient.batch([['FLUSHALL']])
    await redisClient.close()
    await append(2_000, 4_000)
    const isCertain = ({ payload }: Incident): boolean => payload.custom_details['Note'] === undefined
    await waitFor('all alerts', () => sum(triggers()) >= 4_000, { progress: () => sum(triggers()) })
    assert.ok(sum(triggers().filter(isCertain)) <= 4_000, 'only a message that says so repeats')
  })
})
