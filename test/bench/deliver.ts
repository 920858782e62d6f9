// `eunomia deliver` as a real process with default settings, over a real Kafka and Redis, into a receiver in this process.
//   node dist/test/bench/deliver.js [webhook|splunk|opensearch] [alerts]
// Three phases: `backlog` (alerts that wait in the topic at the start), `paced` (2,000 alerts/s for 15 s: CPU of the whole process per alert)
// and `latency` (100 alerts/s for 20 s: from the acknowledgement of the topic to the receiver). One JSON line per phase.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { KafkaConfig } from '../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../infra/process/logger.js'
import { readBody } from '../../infra/waiting/http-body.js'
import type { TopicAppender } from '../../infra/topic-log/topic-log.js'
import { Codec } from '../../schemas/codec.js'
import { testAlert } from '../support/records/test-alert.js'
import { mainFile } from '../support/runner/tiers.js'
import { freshKafkaTopics } from '../support/services/kafka-log.js'
import { sharedRedis, stopSharedServices } from '../support/services/services.js'
import { cpuNsOf, memoryOf } from '../support/system/process-cost.js'
import { waitFor } from '../support/wait-for.js'

const [kind = 'webhook', alertsText = '50000'] = process.argv.slice(2)
const backlog = Number(alertsText)
const codec = new Codec()
const MAIN = mainFile()
const PACED_PER_SECOND = 2_000
const PACED_SECONDS = 15
const LATENCY_PER_SECOND = 100
const LATENCY_SECONDS = 20

/** Alerts by their number: when they were acknowledged by the topic, and when they were received first; milliseconds of performance.now(). */
const ackedMs = new Map<number, number>()
const receivedMs = new Map<number, number>()
let received = 0

function take(body: string): void {
  const nowMs = performance.now()
  for (const [, hex = ''] of body.matchAll(/bbbbbbbb([0-9a-f]{24})/g)) {
    const number = Number.parseInt(hex, 16)
    if (receivedMs.has(number)) continue
    receivedMs.set(number, nowMs)
    received++
  }
}

/** Answers as the receiver of the kind does when all is well. */
function answerOf(path: string, body: string): object {
  if (path.includes('/_bulk')) {
    const ids = [...body.matchAll(/"create":\{[^\n]*?"_id":"([^"]+)"/g)].map(([, id]) => ({ create: { _id: id, status: 201 } }))
    return { errors: false, items: ids }
  }
  if (path.includes('/collector/ack'))
    return { acks: Object.fromEntries((JSON.parse(body) as { acks: number[] }).acks.map((id) => [id, true])) }
  return path.includes('/collector') ? { text: 'Success', code: 0, ackId: received } : {}
}

const server = createServer((request, response) => {
  void readBody(request, 64 << 20).then((body) => {
    take(body)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answerOf(request.url ?? '', body)))
  })
})

async function append(appender: TopicAppender, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    const alert = testAlert({ alertId: `bbbbbbbb${number.toString(16).padStart(24, '0')}` })
    const hostId = `00000000-0000-4000-8000-${String(number % 50).padStart(12, '0')}`
    const value = codec.encode('alerts', { ...alert, origin: { ...alert.origin, hostId, wallTimeUs: Date.now() * 1000 } })
    const record = { topic: 'alerts', key: Buffer.from(hostId), value, valueStart: 0, valueEnd: value.length } as const
    if (!appender.append({ ...record, timestampMs: Date.now(), mark: number + 1 })) await appender.drained()
  }
}

/** @param perSecond alerts, in ticks of 20 ms */
async function appendPaced(appender: TopicAppender, from: number, perSecond: number, seconds: number): Promise<void> {
  const startMs = performance.now()
  let next = from
  while (next < from + perSecond * seconds) {
    const due = Math.min(from + Math.floor(((performance.now() - startMs) / 1000) * perSecond), from + perSecond * seconds)
    await append(appender, next, due)
    next = due
    await delay(20)
  }
  await appender.flush()
}

function settingsOf(folder: string, url: string): string {
  writeFileSync(join(folder, 'secret'), 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  const secret = `{file: ${join(folder, 'secret')}}`
  const http = `url: ${url}, allowPrivate: true`
  switch (kind) {
    case 'splunk':
      return `{kind: splunk, ${http}, token: ${secret}}`
    case 'opensearch':
      return `{kind: opensearch, ${http}, index: alerts, template: false}`
    default:
      return `{kind: webhook, ${http}, secret: ${secret}}`
  }
}

function startDeliver(kafka: KafkaConfig, redisUrl: string, file: string): ChildProcess {
  return spawn(process.execPath, [MAIN, 'deliver'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      EUNOMIA_CONFIG: '/dev/null',
      EUNOMIA_LOG_LEVEL: 'warn',
      EUNOMIA_DELIVER_FILE: file,
      EUNOMIA_KAFKA_BROKERS: kafka.brokers.join(','),
      EUNOMIA_KAFKA_TOPIC_PREFIX: kafka.topicPrefix,
      EUNOMIA_REDIS_URL: redisUrl,
      EUNOMIA_REDIS_KEY_PREFIX: kafka.topicPrefix,
    },
  })
}

function report(phase: string, figures: object): void {
  process.stdout.write(`${JSON.stringify({ bench: 'deliver', kind, phase, ...figures })}\n`)
}

const round = (value: number, digits = 1): number => Number(value.toFixed(digits))
const all = (count: number): Promise<unknown> =>
  waitFor(`${String(count)} alerts`, () => received >= count, { progress: () => received, everyMs: 5, maxMs: 600_000 })

async function measure(appender: TopicAppender, kafka: KafkaConfig, redisUrl: string, folder: string): Promise<void> {
  const file = join(folder, 'deliver.yaml')
  writeFileSync(file, `sinks:\n  bench: ${settingsOf(folder, `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`)}\n`)
  await append(appender, 0, backlog)
  await appender.flush()
  const deliver = startDeliver(kafka, redisUrl, file)
  try {
    const { pid = 0 } = deliver
    await waitFor('the first alert', () => received > 0, { everyMs: 1 })
    const [startMs, startNs, startCount] = [performance.now(), cpuNsOf(pid), received]
    await all(backlog)
    const count = backlog - startCount
    const seconds = (performance.now() - startMs) / 1000
    const peak = memoryOf(pid).residentMiB
    report('backlog', {
      alerts: count,
      perSecond: Math.round(count / seconds),
      cpuUsPerAlert: round((cpuNsOf(pid) - startNs) / 1000 / count),
      residentMiB: peak,
    })

    await delay(2_000)
    const idleNs = cpuNsOf(pid)
    await appendPaced(appender, backlog, PACED_PER_SECOND, PACED_SECONDS)
    await all(backlog + PACED_PER_SECOND * PACED_SECONDS)
    const paced = PACED_PER_SECOND * PACED_SECONDS
    report('paced', { alerts: paced, perSecond: PACED_PER_SECOND, cpuUsPerAlert: round((cpuNsOf(pid) - idleNs) / 1000 / paced) })

    const from = backlog + paced
    await appendPaced(appender, from, LATENCY_PER_SECOND, LATENCY_SECONDS)
    await all(from + LATENCY_PER_SECOND * LATENCY_SECONDS)
    const times = [...receivedMs]
      .flatMap(([number, ms]) => (number >= from ? [Math.max(0, ms - (ackedMs.get(number) ?? ms))] : []))
      .sort((a, b) => a - b)
    const at = (part: number): number => round(times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? NaN)
    report('latency', { alerts: times.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) })
  } finally {
    deliver.kill('SIGTERM')
    await waitFor('the end of deliver', () => deliver.exitCode !== null || deliver.signalCode !== null)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'eunomia-bench-deliver-'))
try {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const kafka = await freshKafkaTopics({}, 6)
  const redis = await sharedRedis()
  const topicLog = new KafkaTopicLog(kafka, SILENT_LOGGER)
  let acked = 0
  const appender = await topicLog.appender(
    (_topic, mark) => {
      const nowMs = performance.now()
      while (acked < mark) ackedMs.set(acked++, nowMs)
    },
    (_topic, _mark, records, reason) => process.stderr.write(`lost ${String(records)}: ${reason}\n`),
  )
  await measure(appender, kafka, redis.address, folder)
  await topicLog.close()
} finally {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
  await stopSharedServices()
}
