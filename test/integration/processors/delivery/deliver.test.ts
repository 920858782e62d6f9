// `eunomia deliver` as real processes over a real Kafka and a Redis of its own: nothing is lost, whatever stops.
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { StatusRow } from '../../../../assembly/delivery-status.js'
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

  /** Starts an instance. @param sink lines of its settings; default a file of its own */
  async function start(sink?: readonly string[]): Promise<Instance> {
    const name = String(instances.length)
    const output = join(folder, `alerts-${name}.json`)
    const file = join(folder, `deliver-${name}.yaml`)
    const lines = sink ?? ['kind: file', `path: ${output}`, 'sync: none', 'batch: {alerts: 20}']
    await writeFile(file, `sinks:\n  out:\n${lines.map((line) => `    ${line}\n`).join('')}`)
    const args = [MAIN, 'deliver', '--set', 'logLevel=debug']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environmentOf(file) })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()))
    const instance = { child, output, log: () => text }
    instances.push(instance)
    return instance
  }

  function environmentOf(file: string): NodeJS.ProcessEnv {
    return {
      ...process.env,
      EUNOMIA_CONFIG: '/dev/null',
      EUNOMIA_DELIVER_FILE: file,
      EUNOMIA_KAFKA_BROKERS: kafka.brokers.join(','),
      EUNOMIA_KAFKA_TOPIC_PREFIX: kafka.topicPrefix,
      EUNOMIA_KAFKA_SESSION_TIMEOUT_MS: '6000',
      EUNOMIA_REDIS_URL: redis.address,
    }
  }

  /** What a command prints. */
  async function deliver(...args: string[]): Promise<string> {
    const env = environmentOf(join(folder, 'deliver-0.yaml'))
    return (await promisify(execFile)(process.execPath, [MAIN, 'deliver', ...args], { env })).stdout
  }

  async function statusRows(): Promise<StatusRow[]> {
    return (await deliver('status', '--json'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as StatusRow)
  }

  /** Numbers and messages of the alerts that were refused. */
  async function deadLetters(count: number): Promise<{ readonly index: number; readonly message: string }[]> {
    const found: { index: number; message: string }[] = []
    const reader = await topicLog.consume({
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

  it('loses nothing while its receiver refuses, hangs and breaks off, an instance is killed, and Redis is emptied and restarted', async () => {
    const receiver = await Receiver.open()
    const sink = [
      ...['kind: webhook', `url: ${receiver.url}`, 'allowPrivate: true', 'format: json', 'timeoutMs: 1000'],
      ...['backoff: {firstMs: 50, maxMs: 500}', 'maxLag: 500'],
    ]
    try {
      append(0, 500)
      const first = await start(sink)
      await start(sink)
      const beyond = async (count: number): Promise<void> => {
        await waitFor(`${String(count)} alerts`, () => receiver.taken.size > count, { progress: () => receiver.requests })
      }
      await beyond(100)
      first.child.kill('SIGKILL')
      append(500, 1_000)
      await beyond(550)
      await client.batch([['FLUSHALL']])
      append(1_000, 1_500)
      await beyond(1_050)
      const port = Number(new URL(redis.address).port)
      await redis.stop()
      append(1_500, 2_000)
      redis = await startRedis({ stateFolder: redisFolder, port }, SILENT_LOGGER)
      await beyond(1_994)
      const dead = await deadLetters(5)
      assert.deepEqual(new Set(dead.map(({ index }) => index)), new Set([5, 405, 805, 1_205, 1_605]))
      for (const { index, message } of dead) assert.match(message, new RegExp(`400.*no mapping for ${String(index)}$`))
      const taken = [...receiver.taken].sort((x, y) => x - y)
      assert.deepEqual(
        taken,
        [...Array(2_000).keys()].filter((index) => !isRefused(index)),
      )
      await waitFor('a sink that has delivered everything', async () => {
        const [row] = await statusRows()
        return row?.lag === 0 && row.sink === 'out' && row.state === 'running' && row.retried > 0
      })
      // What was refused after Redis was emptied can be sent again.
      receiver.isRepaired = true
      assert.match(await deliver('dead', 'list', 'out'), /400/)
      assert.match(await deliver('dead', 'redrive', 'out', '--all'), /^[1-9] batch(es)? goe?s? to out again\n$/)
      await waitFor('a refused alert', () => receiver.taken.has(1_605))
      assert.match(await deliver('test', 'out'), /^out: alert [0-9a-f]{32} delivered in \d+ ms\n$/)
    } finally {
      receiver.close()
    }
  })
})

/** Alerts that the receiver refuses for good. */
function isRefused(index: number): boolean {
  return index % 400 === 5
}

/** A receiver of webhooks that fails in many ways. */
class Receiver {
  /** Numbers of the alerts that it took. */
  readonly taken = new Set<number>()
  requests = 0
  /** It refuses nothing any more. */
  isRepaired = false
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = ''
      request.on('data', (data: Buffer) => (body += data.toString()))
      request.on('end', () => this.#answer(body, String(request.headers['webhook-id']), response))
    })
  }

  static async open(): Promise<Receiver> {
    const receiver = new Receiver()
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/hook`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #answer(body: string, id: string, response: ServerResponse): void {
    const request = ++this.requests
    if (request % 97 === 0) return void response.writeHead(503, { 'retry-after': '0' }).end()
    if (request % 89 === 0) return void response.writeHead(429).end('slowly')
    // It never answers.
    if (request % 211 === 0) return
    const { alertId } = JSON.parse(body) as Alert
    assert.equal(id, alertId)
    const index = Number.parseInt(alertId, 16)
    if (isRefused(index) && !this.isRepaired) return void response.writeHead(400).end(`no mapping for ${String(index)}`)
    this.taken.add(index)
    // It took the alert, and the answer is lost.
    if (request % 101 === 0) return void response.destroy()
    response.writeHead(204).end()
  }
}
