// Delivery while everything around it fails: receivers refuse, hang, cut, take a part; instances are killed, Redis is started again or emptied, the
// broker is killed. Nothing is lost, a search engine has every alert once, and a webhook gets repeats only with the same id.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KafkaTopicLog } from '../../../infra/kafka/kafka-topic-log.js'
import type { LocalService } from '../../../infra/local/local-service.js'
import { startRedis } from '../../../infra/local/redis-service.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { connectRedis, type RedisClient } from '../../../infra/redis/redis.js'
import type { TopicAppender } from '../../../infra/topic-log/topic-log.js'
import { Codec } from '../../../schemas/codec.js'
import { FaultyReceivers, RECEIVER_FAULTS } from '../../support/delivery/faulty-receivers.js'
import { Random } from '../../support/generator/random.js'
import { testAlert } from '../../support/records/test-alert.js'
import { dose } from '../../support/runner/dose.js'
import { type OwnKafka, startOwnKafka } from '../../support/services/own-kafka.js'
import { testServiceFolder } from '../../support/services/services.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { waitFor } from '../../support/wait-for.js'

const CODEC = new Codec()
const FAULTS = dose(14, 1_000)
const ALERTS_PER_FAULT = dose(200, 100)
/** One of so many faults is of this kind; the others are of receivers. */
const EVERY = { kill: dose(4, 12), restartRedis: dose(7, 25), emptyRedis: dose(6, 25), killBroker: dose(11, 100) }
const PATIENCE = { quietMs: 60_000, everyMs: 50 }

describe('delivery while everything around it fails', () => {
  const receivers = new FaultyReceivers()
  let folder: string
  let redisFolder: string
  let redis: LocalService
  let kafka: OwnKafka
  let topicLog: KafkaTopicLog
  let appender: TopicAppender
  let client: RedisClient
  let url: string
  const instances: EunomiaProcess[] = []
  let appended = 0
  const lost: string[] = []

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eunomia-faults-'))
    redisFolder = `${await testServiceFolder('faults')}/redis`
    redis = await startRedis({ stateFolder: redisFolder }, SILENT_LOGGER)
    client = connectRedis({ url: redis.address, longestRetryMs: 200 }, SILENT_LOGGER)
    kafka = await startOwnKafka(4)
    topicLog = new KafkaTopicLog(kafka.config, SILENT_LOGGER)
    appender = await topicLog.appender(
      () => undefined,
      (_topic, _mark, records, reason) => lost.push(`${String(records)}: ${reason}`),
    )
    url = await receivers.start()
    const common = `allowPrivate: true, timeoutMs: 1500, backoff: {firstMs: 20, maxMs: 500}`
    const sinks = [
      `hook: {kind: webhook, format: json, url: ${url}/hook, ${common}}`,
      `search: {kind: opensearch, template: false, url: ${url}, ${common}}`,
    ]
    await writeFile(join(folder, 'deliver.yaml'), `sinks:\n${sinks.map((line) => `  ${line}\n`).join('')}`)
  })
  after(async () => {
    await Promise.all(instances.map((instance) => instance.kill()))
    await topicLog.close()
    await client.close()
    await receivers.stop()
    await redis.stop()
    await kafka.service.stop()
    await rm(folder, { recursive: true, force: true })
  })

  function start(): EunomiaProcess {
    const instance = new EunomiaProcess(['deliver'], environment())
    instances.push(instance)
    return instance
  }

  function environment(): Record<string, string> {
    return {
      EUNOMIA_CONFIG: '/dev/null',
      EUNOMIA_LOG_LEVEL: 'info',
      EUNOMIA_DELIVER_FILE: join(folder, 'deliver.yaml'),
      EUNOMIA_KAFKA_BROKERS: kafka.config.brokers.join(','),
      EUNOMIA_KAFKA_SESSION_TIMEOUT_MS: '6000',
      EUNOMIA_REDIS_URL: redis.address,
    }
  }

  async function append(count: number): Promise<void> {
    for (const end = appended + count; appended < end; appended++) {
      const alert = testAlert({ alertId: appended.toString(16).padStart(32, '0') })
      const hostId = `00000000-0000-4000-8000-${String(appended % 11).padStart(12, '0')}`
      const value = CODEC.encode('alerts', { ...alert, origin: { ...alert.origin, hostId } })
      const record = { topic: 'alerts' as const, key: Buffer.from(hostId), value, valueStart: 0, valueEnd: value.length }
      if (!appender.append({ ...record, timestampMs: Date.now(), mark: appended + 1 })) await appender.drained()
    }
  }

  async function moveOn(count: number): Promise<void> {
    const delivered = (): number => receivers.webhook.size + receivers.documents.size
    const before = delivered()
    await waitFor('more alerts', () => delivered() >= Math.min(before + count, 2 * appended), { ...PATIENCE, progress: delivered })
  }

  async function killOne(): Promise<void> {
    await instances.shift()?.kill()
    start()
  }

  async function restartRedis(): Promise<void> {
    await redis.stop()
    redis = await startRedis({ stateFolder: redisFolder }, SILENT_LOGGER)
  }

  async function emptyRedis(): Promise<void> {
    if (await client.waitUntilReady(10_000)) await client.batch([['FLUSHALL']])
  }

  async function killBroker(): Promise<void> {
    await kafka.service.kill9()
    await kafka.restart()
  }

  /** For a failure: what waits where. */
  async function stateText(): Promise<string> {
    const status = new EunomiaProcess(['deliver', 'status', '--json'], environment())
    await status.ended()
    const keys = await client.batch([['KEYS', '*']])
    const found = [keys]
      .flat(9)
      .map(String)
      .filter((key) => /claims|state$|settled|active|wait$|delayed|stalled|meta$/.test(key))
    const values = await Promise.all(
      found.map(async (key) => {
        const kind = String(await client.batch([['TYPE', key]]))
        const command = { hash: ['HGETALL', key], zset: ['ZRANGE', key, 0, -1], list: ['LRANGE', key, 0, -1] }[kind] ?? ['TYPE', key]
        return `${key}: ${String(await client.batch([command as [string]]))}`.slice(0, 600)
      }),
    )
    return [status.stdout, ...values, ...instances.map(({ stderr }) => stderr.slice(-1_500))].join('\n')
  }

  it('loses nothing: a search engine has each alert once, a webhook repeats only with the same id', async () => {
    const random = new Random(20_261_128)
    start()
    start()
    for (let fault = 1; fault <= FAULTS; fault++) {
      await append(ALERTS_PER_FAULT)
      if (fault % EVERY.killBroker === 0) await killBroker()
      else if (fault % EVERY.restartRedis === 0) await restartRedis()
      else if (fault % EVERY.emptyRedis === 0) await emptyRedis()
      else if (fault % EVERY.kill === 0) await killOne()
      else receivers.fail(random.pick(RECEIVER_FAULTS), 1 + random.below(20))
      await moveOn(ALERTS_PER_FAULT / 4)
    }
    receivers.recover()
    await appender.flush()
    await waitFor('every alert at both', () => receivers.webhook.size === appended && receivers.documents.size === appended, {
      ...PATIENCE,
      progress: () => receivers.webhook.size + receivers.documents.size,
      maxMs: dose(300_000, 3_600_000),
    }).catch(async (error: unknown) => assert.fail(`${String(error)}\n${await stateText()}`))
    assert.deepEqual(lost, [], 'the test itself lost alerts')
    assert.equal(receivers.wrongIds, 0)
    const repeats = [...receivers.webhook.values()].reduce((sum, times) => sum + times - 1, 0)
    assert.ok(repeats < appended, `${String(repeats)} repeats of ${String(appended)} alerts`)
    assert.deepEqual(
      instances.filter((instance) => !instance.isRunning).map(({ stderr }) => stderr),
      [],
      'an instance ended by itself',
    )
  })
})
