// CPU per event from Avro bytes to Kafka's acknowledgement, next to kafkajs' own producer as the base of the same run.
// `node dist/test/bench/publish.js [rounds] [events]`; one JSON line per figure, medians over the rounds, which alternate between the writers.
import { randomBytes, randomInt } from 'node:crypto'
import kafkajs from 'kafkajs'
import { createTopics } from '../../infra/kafka/admin.js'
import { COMPRESSIONS, topicNameOf, type KafkaConfig } from '../../infra/kafka/kafka-config.js'
import { connectPublisher } from '../../infra/kafka/publisher/connect-publisher.js'
import type { AppendRecord } from '../../infra/topic-log/topic-log.js'
import { SILENT_LOGGER } from '../../infra/process/logger.js'
import { sharedKafka, stopSharedServices } from '../support/services/services.js'

const ROUNDS = Number(process.argv[2] ?? 5)
const EVENTS = Number(process.argv[3] ?? 200_000)
const BASE_EVENTS = Math.min(EVENTS, 40_000)
const EVENT_BYTES = 250
// As the collector does: a turn of the loop's worth of events, then the loop turns.
const EVENTS_PER_TURN = 2_000

const host = Buffer.from('5f1c7c52-9d0e-4a53-8f3e-0d3f7f6a2b11')

/**
 * Events as a collector makes them, as far as compression is concerned: numbers that change each time, the bytes of one of a few dozen processes
 * (arguments, ids, ancestors), and one of some hundred paths.
 */
function sampleEvents(count: number): Buffer {
  const processes = Array.from(
    { length: 24 },
    () => `${randomBytes(32).toString('hex')}/usr/bin/app--config=/etc/app.conf${randomBytes(40).toString('hex')}`,
  )
  const paths = Array.from({ length: 400 }, (_, index) => `/usr/lib/${randomBytes(4).toString('hex')}/lib${String(index)}.so.1`)
  const events = Buffer.alloc(count * EVENT_BYTES)
  for (let index = 0; index < count; index++) {
    let at = index * EVENT_BYTES
    const end = at + EVENT_BYTES
    at = events.writeUInt32BE(index, at)
    at += randomBytes(6).copy(events, at)
    at += events.write(processes[randomInt(processes.length)] ?? '', at, end - at)
    events.write(paths[randomInt(paths.length)] ?? '', at, end - at)
  }
  return events
}

const SAMPLES = 4_096
const samples = sampleEvents(SAMPLES)

function cpuUs(since: NodeJS.CpuUsage): number {
  const used = process.cpuUsage(since)
  return used.user + used.system
}

async function publish(config: KafkaConfig): Promise<number> {
  const publisher = await connectPublisher(
    config,
    { onAck: () => undefined, onLoss: () => undefined, signal: new AbortController().signal },
    SILENT_LOGGER,
  )
  // Filled again for each record, as the collector does.
  const record: AppendRecord = { topic: 'file', key: host, value: samples, valueStart: 0, valueEnd: 0, timestampMs: 0, mark: 0 }
  const send = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      record.valueStart = (i % SAMPLES) * EVENT_BYTES
      record.valueEnd = record.valueStart + EVENT_BYTES
      record.timestampMs = Date.now()
      record.mark = i
      if (!publisher.append(record)) await publisher.drained()
      if (i % EVENTS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await publisher.flush()
  }
  await send(20_000)
  const before = process.cpuUsage()
  await send(EVENTS)
  const us = cpuUs(before) / EVENTS
  await publisher.close()
  return us
}

async function publishWithKafkajs(config: KafkaConfig): Promise<number> {
  const kafka = new kafkajs.Kafka({ brokers: [...config.brokers], logLevel: kafkajs.logLevel.NOTHING })
  const producer = kafka.producer({ idempotent: true, createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  await producer.connect()
  const send = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += EVENTS_PER_TURN) {
      const messages = Array.from({ length: EVENTS_PER_TURN }, (_, i) => {
        const start = ((sent + i) % SAMPLES) * EVENT_BYTES
        return { key: host, value: samples.subarray(start, start + EVENT_BYTES) }
      })
      await producer.send({ topic: topicNameOf(config, 'file'), messages, acks: -1 })
    }
  }
  await send(10_000)
  const before = process.cpuUsage()
  await send(BASE_EVENTS)
  const us = cpuUs(before) / BASE_EVENTS
  await producer.disconnect()
  return us
}

const kafka = await sharedKafka()
const base: KafkaConfig = { brokers: [kafka.address], topicPrefix: 'bench.' }
await createTopics(base, {}, SILENT_LOGGER)
const figures = new Map<string, number[]>()
for (let round = 0; round < ROUNDS; round++) {
  for (const compression of COMPRESSIONS) {
    figures.set(compression, [...(figures.get(compression) ?? []), await publish({ ...base, compression })])
  }
  figures.set('kafkajs', [...(figures.get('kafkajs') ?? []), await publishWithKafkajs(base)])
}
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN
const baseUs = median(figures.get('kafkajs') ?? [])
for (const [name, values] of figures) {
  const us = median(values)
  const rounded = (value: number): number => Math.round(value * 1000) / 1000
  process.stdout.write(
    `${JSON.stringify({ bench: 'publish', writer: name, cpuUsPerEvent: rounded(us), toKafkajs: rounded(us / baseUs), rounds: values.map(rounded) })}\n`,
  )
}
await stopSharedServices()
