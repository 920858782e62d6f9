// CPU per record consumed through a group: walked only, with a projected decode of what rules read, and with a whole decode; kafkajs' own
// eachBatch next to it as the base of the same run.
// `node dist/test/bench/consume.js [rounds] [records]`; one JSON line per figure, medians over the rounds, which alternate.
import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { createTopics } from '../../infra/kafka/admin.js'
import { topicNameOf, type KafkaConfig } from '../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../infra/process/logger.js'
import type { RecordBatch } from '../../infra/topic-log/topic-log.js'
import { Codec } from '../../schemas/codec.js'
import { sampleFileEvent } from '../support/records/sample-records.js'
import { sharedKafka, stopSharedServices } from '../support/services/services.js'

const ROUNDS = Number(process.argv[2] ?? 5)
const RECORDS = Number(process.argv[3] ?? 200_000)
const HOST = Buffer.from('5f1c7c52-9d0e-4a53-8f3e-0d3f7f6a2b11')

const codec = new Codec()
const value = Buffer.from(codec.encode('file', sampleFileEvent()))
const projected = codec.projection('file', ['type', 'path', 'isWrite', 'process.name', 'process.containerId'])

const kafka = await sharedKafka()
const config: KafkaConfig = { brokers: [kafka.address], topicPrefix: `bench-${randomUUID()}.` }
await createTopics(config, { partitions: 1 }, SILENT_LOGGER)
const log = new KafkaTopicLog(config, SILENT_LOGGER)
const publisher = await log.appender(
  () => undefined,
  () => undefined,
)
for (let i = 0; i < RECORDS; i++) {
  if (!publisher.append({ topic: 'file', key: HOST, value, valueStart: 0, valueEnd: value.length, timestampMs: Date.now(), mark: i }))
    await publisher.drained()
}
await publisher.flush()
await publisher.close()

/** CPU of this process in µs per record, from the first record to the last. */
class Meter {
  #before: NodeJS.CpuUsage | undefined
  #counted = 0
  #end: (us: number) => void = () => undefined
  readonly done = new Promise<number>((resolve) => (this.#end = resolve))

  begin(): void {
    this.#before ??= process.cpuUsage()
  }

  count(records: number): void {
    this.#counted += records
    if (this.#counted < RECORDS) return
    const { user, system } = process.cpuUsage(this.#before)
    this.#end((user + system) / RECORDS)
  }
}

async function consume(each: (batch: RecordBatch) => void): Promise<number> {
  const meter = new Meter()
  const reader = new KafkaTopicLog(config, SILENT_LOGGER)
  await reader.consume({
    group: `bench-${randomUUID()}`,
    topics: ['file'],
    from: 'earliest',
    handler: (batch) => {
      meter.begin()
      while (batch.next()) each(batch)
      meter.count(batch.length)
      return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
    },
  })
  const us = await meter.done
  await reader.close()
  return us
}

async function consumeWithKafkajs(): Promise<number> {
  const meter = new Meter()
  const consumer = new kafkajs.Kafka({ brokers: [...config.brokers], logLevel: kafkajs.logLevel.NOTHING }).consumer({
    groupId: `bench-${randomUUID()}`,
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [topicNameOf(config, 'file')], fromBeginning: true })
  await consumer.run({
    eachBatch: ({ batch }) => {
      meter.begin()
      meter.count(batch.messages.length)
      return Promise.resolve()
    },
  })
  const us = await meter.done
  await consumer.disconnect()
  return us
}

let sum = 0
const figures: readonly (readonly [name: string, run: () => Promise<number>])[] = [
  ['walked', () => consume((batch) => (sum += batch.valueEnd - batch.valueStart))],
  ['projected, 5 fields', () => consume((batch) => projected(batch.valueBytes, batch.valueStart, batch.valueEnd))],
  ['decoded', () => consume((batch) => codec.decode('file', batch.valueBytes, batch.valueStart, batch.valueEnd))],
  ['kafkajs, not walked', consumeWithKafkajs],
]
const results = new Map<string, number[]>(figures.map(([name]) => [name, []]))
for (let round = 0; round < ROUNDS; round++) for (const [name, run] of figures) results.get(name)?.push(await run())

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN
const base = median(results.get('kafkajs, not walked') ?? [])
const rounded = (us: number): number => Math.round(us * 1000) / 1000
for (const [figure, values] of results) {
  const us = median(values)
  process.stdout.write(
    `${JSON.stringify({
      bench: 'consume',
      figure,
      bytes: value.length,
      cpuUsPerRecord: rounded(us),
      recordsPerCpuSecond: Math.round(1e6 / us),
      toKafkajs: rounded(us / base),
      rounds: values.map(rounded),
    })}\n`,
  )
}
if (sum === 0) throw new Error('nothing was walked')
await stopSharedServices()
