// `eunomia deliver` as real processes over a real Kafka and a Redis of its own: nothing is lost, whatever stops.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import type { LocalService } from '../../../../infra/local/local-service.js'
import { startRedis } from '../../../../infra/local/redis-service.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { connectRedis, type RedisClient } from '../../../../infra/redis/redis.js'
import type { TopicAppender } from '../../../../infra/topic-log/topic-log.js'
import { Codec } from '../../../../schemas/codec.js'
import type { Alert } from '../../../../schemas/generated/types.js'
import { testAlert } from '../../../support/records/test-alert.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { sharedKafka, testServiceFolder } from '../../../support/services/services.js'
import { waitFor } from '../../../support/wait-for.js'

const MAIN = new URL('../../../../cli/main.js', import.meta.url).pathname
const CODEC = new Codec()

interface Instance {
  readonly child: ChildProcess
  readonly output: string
  readonly log: () => string
}

describe('eunomia deliver', () => {
  let folder: string
  let redisFolder: string
  let redis: LocalService
  let client: RedisClient
  let kafka: KafkaConfig
  let topicLog: KafkaTopicLog
  let appender: TopicAppender
  let instances: Instance[]
  let mark = 0

  before(() => sharedKafka())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eunomia-deliver-'))
    redisFolder = `${await testServiceFolder('deliver')}/redis`
    redis = await startRedis({ stateFolder: redisFolder }, SILENT_LOGGER)
    client = connectRedis({ url: redis.address, longestRetryMs: 200 }, SILENT_LOGGER)
    kafka = await freshKafkaTopics()
    topicLog = new KafkaTopicLog(kafka, SILENT_LOGGER)
    appender = await topicLog.appender(
      () => undefined,
      () => undefined,
    )
    instances = []
  })
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') for (const { log } of instances) process.stderr.write(log())
    for (const { child } of instances) child.kill('SIGKILL')
    await appender.close()
    await topicLog.close()
    await client.close()
    await redis.stop()
    await rm(folder, { recursive: true, force: true })
  })

  function append(from: number, to: number): void {
    for (let index = from; index < to; index++) {
      const alert = testAlert({ alertId: index.toString(16).padStart(32, '0') })
      const value = CODEC.encode('alerts', { ...alert, origin: { ...alert.origin, hostId: `host-${String(index % 7)}` } })
      const key = Buffer.from(`host-${String(index % 7)}`)
      appender.append({ topic: 'alerts', key, value, valueStart: 0, valueEnd: value.length, timestampMs: Date.now(), mark: ++mark })
    }
  }

  async function start(more = ''): Promise<Instance> {
    const name = String(instances.length)
    const output = join(folder, `alerts-${name}.json`)
    const file = join(folder, `deliver-${name}.yaml`)
    await writeFile(
      file,
      `sinks:\n  out:\n    kind: file\n    path: ${output}\n    sync: none\n    backoff: {firstMs: 50, maxMs: 500}\n    batch: {alerts: 20}\n${more}`,
    )
    const child = spawn(process.execPath, [MAIN, 'deliver', '--set', 'logLevel=debug'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        EUNOMIA_CONFIG: '/dev/null',
        EUNOMIA_DELIVER_FILE: file,
        EUNOMIA_KAFKA_BROKERS: kafka.brokers.join(','),
        EUNOMIA_KAFKA_TOPIC_PREFIX: kafka.topicPrefix,
        EUNOMIA_KAFKA_SESSION_TIMEOUT_MS: '6000',
        EUNOMIA_REDIS_URL: redis.address,
      },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()))
    const instance = { child, output, log: () => text }
    instances.push(instance)
    return instance
  }

  /** Ids in the files, in their order, repeats included. */
  function delivered(): string[] {
    return instances.flatMap(({ output }) =>
      existsSync(output)
        ? readFileSync(output, 'utf8')
            .split('\n')
            .slice(0, -1)
            .map((line) => (JSON.parse(line) as Alert).alertId)
        : [],
    )
  }

  async function all(count: number): Promise<string[]> {
    await waitFor(`${String(count)} alerts`, () => new Set(delivered()).size >= count, {
      progress: () => delivered().length,
      everyMs: 100,
      maxMs: 300_000,
    })
    return delivered()
  }

  it('delivers every alert once while nothing fails, and continues after a stop where it ended', async () => {
    append(0, 500)
    const first = await start()
    assert.equal((await all(500)).length, 500)
    first.child.kill('SIGTERM')
    await waitFor('the end', () => first.child.exitCode !== null)
    assert.equal(first.child.exitCode, 0, first.log())
    append(500, 1_000)
    await start()
    assert.equal((await all(1_000)).length, 1_000)
  })

  it('loses nothing while an instance is killed, Redis is emptied and started again', async () => {
    append(0, 1_000)
    const first = await start()
    await start()
    await waitFor('some alerts', () => delivered().length > 100)
    first.child.kill('SIGKILL')
    append(1_000, 2_000)
    await waitFor('more alerts', () => new Set(delivered()).size > 1_050, { progress: () => delivered().length })
    await client.batch([['FLUSHALL']])
    append(2_000, 3_000)
    await waitFor('more alerts', () => new Set(delivered()).size > 2_050, { progress: () => delivered().length })
    await redis.stop()
    append(3_000, 4_000)
    redis = await startRedis({ stateFolder: redisFolder }, SILENT_LOGGER)
    const ids = await all(4_000)
    assert.equal(new Set(ids).size, 4_000)
  })
})
