// `eunomia deliver` as real processes, over topics of a real Kafka and a Redis of its own.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { StatusRow } from '../../../assembly/delivery-status.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../infra/kafka/kafka-topic-log.js'
import type { LocalService } from '../../../infra/local/local-service.js'
import { startRedis } from '../../../infra/local/redis-service.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { connectRedis, type RedisClient } from '../../../infra/redis/redis.js'
import type { TopicAppender } from '../../../infra/topic-log/topic-log.js'
import { Codec } from '../../../schemas/codec.js'
import { testAlert } from '../records/test-alert.js'
import { mainFile } from '../runner/tiers.js'
import { freshKafkaTopics } from '../services/kafka-log.js'
import { testServiceFolder } from '../services/services.js'
import { waitFor } from '../wait-for.js'

const MAIN = mainFile()
const CODEC = new Codec()

/** A running `eunomia deliver`. */
export interface Instance {
  readonly child: ChildProcess
  /** File of its sink, if it has no other settings. */
  readonly output: string
  readonly log: () => string
}

/** An alert that was refused. */
export interface RefusedAlert {
  readonly index: number
  readonly message: string
}

interface SceneParts {
  readonly redisFolder: string
  readonly redis: LocalService
  readonly kafka: KafkaConfig
  readonly topicLog: KafkaTopicLog
  readonly appender: TopicAppender
  readonly lost: readonly string[]
}

export class DeliverScene {
  readonly folder: string
  readonly instances: Instance[] = []
  readonly redisClient: RedisClient
  /** Alerts that this scene itself did not get into the topic, and why. */
  readonly lost: readonly string[]
  readonly #redisFolder: string
  readonly #kafka: KafkaConfig
  readonly #topicLog: KafkaTopicLog
  readonly #appender: TopicAppender
  #redis: LocalService
  #mark = 0

  private constructor(folder: string, parts: SceneParts) {
    this.folder = folder
    this.#redisFolder = parts.redisFolder
    this.#redis = parts.redis
    this.redisClient = connectRedis({ url: parts.redis.address, longestRetryMs: 200 }, SILENT_LOGGER)
    this.#kafka = parts.kafka
    this.#topicLog = parts.topicLog
    this.#appender = parts.appender
    this.lost = parts.lost
  }

  /** @param kafka its settings; default topics of the shared one */
  static async open(given?: KafkaConfig): Promise<DeliverScene> {
    const folder = await mkdtemp(join(tmpdir(), 'eunomia-deliver-'))
    const redisFolder = `${await testServiceFolder('deliver')}/redis`
    const redis = await startRedis({ stateFolder: redisFolder }, SILENT_LOGGER)
    const kafka = given ?? (await freshKafkaTopics())
    const topicLog = new KafkaTopicLog(kafka, SILENT_LOGGER)
    const lost: string[] = []
    const appender = await topicLog.appender(
      () => undefined,
      (_topic, _mark, records, reason) => lost.push(`${String(records)}: ${reason}`),
    )
    return new DeliverScene(folder, { redisFolder, redis, kafka, topicLog, appender, lost })
  }

  /** @param shows the logs of the instances */
  async close(shows: boolean): Promise<void> {
    if (shows) for (const { log } of this.instances) process.stderr.write(log())
    for (const { child } of this.instances) child.kill('SIGKILL')
    await this.#appender.close()
    await this.#topicLog.close()
    await this.redisClient.close()
    await this.#redis.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Alerts whose ids are these numbers. Waits while the producer has no room. */
  async append(from: number, to: number): Promise<void> {
    for (let index = from; index < to; index++) {
      const host = `host-${String(index % 7)}`
      const alert = testAlert({ alertId: index.toString(16).padStart(32, '0') })
      const value = CODEC.encode('alerts', { ...alert, origin: { ...alert.origin, hostId: host } })
      const record = { topic: 'alerts' as const, key: Buffer.from(host), value, valueStart: 0, valueEnd: value.length }
      if (!this.#appender.append({ ...record, timestampMs: Date.now(), mark: ++this.#mark })) await this.#appender.drained()
    }
  }

  /** Resolves when every alert is in the topic, or lost. */
  async appended(): Promise<void> {
    await this.#appender.flush()
  }

  /** Starts an instance. @param sinks lines of the settings of each; default `out`, a file of its own */
  async start(sinks?: Readonly<Record<string, readonly string[]>>): Promise<Instance> {
    const name = String(this.instances.length)
    const output = join(this.folder, `alerts-${name}.json`)
    const file = join(this.folder, `deliver-${name}.yaml`)
    const all = Object.entries(sinks ?? { out: ['kind: file', `path: ${output}`, 'sync: none', 'batch: {alerts: 20}'] })
    const texts = all.map(([sink, lines]) => `  ${sink}:\n${lines.map((line) => `    ${line}\n`).join('')}`)
    await writeFile(file, `sinks:\n${texts.join('')}`)
    const args = [MAIN, 'deliver', '--set', 'logLevel=debug']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: this.#environmentOf(file) })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (text = (text + data.toString()).slice(-1_000_000)))
    const instance = { child, output, log: () => text }
    this.instances.push(instance)
    return instance
  }

  /** What a command below `deliver` prints, with the settings of the first instance. */
  async command(...args: string[]): Promise<string> {
    return await this.#eunomia('deliver', ...args)
  }

  /** What `eunomia doctor` prints, whatever its status. */
  async doctor(): Promise<string> {
    return await this.#eunomia('doctor').catch((error: unknown) => String((error as { stdout?: string }).stdout))
  }

  async #eunomia(...args: string[]): Promise<string> {
    const env = this.#environmentOf(join(this.folder, 'deliver-0.yaml'))
    return (await promisify(execFile)(process.execPath, [MAIN, ...args], { env })).stdout
  }

  async status(): Promise<StatusRow[]> {
    const lines = (await this.command('status', '--json')).trim().split('\n')
    return lines.map((line) => JSON.parse(line) as StatusRow)
  }

  /** Stops Redis, and starts it again with its data. @param meanwhile while it is away */
  async restartRedis(meanwhile: () => Promise<void>): Promise<void> {
    const port = Number(new URL(this.#redis.address).port)
    await this.#redis.stop()
    await meanwhile()
    this.#redis = await startRedis({ stateFolder: this.#redisFolder, port }, SILENT_LOGGER)
  }

  async emptyRedis(): Promise<void> {
    await this.redisClient.waitUntilReady(10_000)
    await this.redisClient.batch([['FLUSHALL']])
  }

  /** The dead letters, as soon as there are those of `count` alerts. */
  async refused(count: number): Promise<RefusedAlert[]> {
    const found: RefusedAlert[] = []
    const reader = await this.#topicLog.consume({
      ...{ group: 'test', topics: ['deadletter'], from: 'earliest', outputs: [] },
      handler: (batch) => {
        while (batch.next()) {
          const { value, errorMessage: message } = CODEC.decode('deadletter', batch.valueBytes, batch.valueStart, batch.valueEnd)
          const { alertId } = CODEC.decode('alerts', value ?? new Uint8Array())
          found.push({ index: Number.parseInt(alertId, 16), message })
        }
        return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
      },
    })
    await waitFor('the dead letters', () => new Set(found.map(({ index }) => index)).size >= count, { progress: () => found.length })
    await reader.stop('read')
    return found
  }

  #environmentOf(file: string): NodeJS.ProcessEnv {
    return {
      ...process.env,
      EUNOMIA_CONFIG: '/dev/null',
      EUNOMIA_DELIVER_FILE: file,
      EUNOMIA_KAFKA_BROKERS: this.#kafka.brokers.join(','),
      EUNOMIA_KAFKA_TOPIC_PREFIX: this.#kafka.topicPrefix,
      EUNOMIA_KAFKA_SESSION_TIMEOUT_MS: '6000',
      EUNOMIA_REDIS_URL: this.#redis.address,
    }
  }
}
