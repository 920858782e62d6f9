// Numbered records at a steady rate into a log, and all that a log holds of them: what chaos tests compare.
import { KafkaTopicLog } from '../../../infra/kafka/kafka-topic-log.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import type { TopicAppender } from '../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import { waitForCount } from '../wait-for.js'

const HOSTS = Array.from({ length: 12 }, (_, index) => Buffer.from(`host-${String(index)}`))
const EVERY_MS = 5

/** Appends the numbers `from`..`to`, each as a record whose value begins with it; each number goes to one of twelve hosts. */
export function appendNumbers(publisher: TopicAppender, topic: TopicKey, from: number, to: number): void {
  const value = Buffer.alloc(250)
  for (let number = from; number <= to; number++) {
    value.writeUInt32BE(number)
    publisher.append({
      topic,
      key: HOSTS[number % HOSTS.length] as Buffer,
      value,
      valueStart: 0,
      valueEnd: value.length,
      timestampMs: Date.now(),
      mark: number,
    })
  }
}

/** Publishes numbers in small batches, and waits until they are acknowledged. */
export async function publishNumbers(config: KafkaConfig, from: number, to: number): Promise<void> {
  const log = new KafkaTopicLog({ ...config, batchBytes: 4_000 }, SILENT_LOGGER)
  const publisher = await log.appender(
    () => undefined,
    () => undefined,
  )
  appendNumbers(publisher, 'process', from, to)
  await log.close()
}

/** Appends numbers from 1 on, `perSecond` of them, until it is stopped. */
export class NumberedLoad {
  appended = 0
  readonly #timer: NodeJS.Timeout

  constructor(publisher: TopicAppender, topic: TopicKey, perSecond: number) {
    const perTurn = Math.ceil((perSecond * EVERY_MS) / 1000)
    this.#timer = setInterval(() => {
      appendNumbers(publisher, topic, this.appended + 1, this.appended + perTurn)
      this.appended += perTurn
    }, EVERY_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

/** The numbers in a topic as a reader of committed records sees them, per partition in their order, once `count` different ones are there. */
export async function numbersIn(config: KafkaConfig, topic: TopicKey, count: number): Promise<Map<number, number[]>> {
  const log = new KafkaTopicLog(config, SILENT_LOGGER)
  const seen = new Map<number, number[]>()
  const different = new Set<number>()
  await log.consume({
    group: `numbers-${String(Math.random())}`,
    topics: [topic],
    from: 'earliest',
    handler: (batch) => {
      const numbers = seen.get(batch.partition) ?? []
      seen.set(batch.partition, numbers)
      while (batch.next()) {
        const number = Buffer.from(batch.valueBytes.buffer, batch.valueBytes.byteOffset + batch.valueStart, 4).readUInt32BE()
        numbers.push(number)
        different.add(number)
      }
      return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
    },
  })
  await waitForCount('numbers', () => different.size, count).catch(() => undefined)
  await log.close()
  return seen
}

/** How often numbers of 1..count are missing or there more than once, and whether each host's numbers are in order. */
export function compareNumbers(
  seen: ReadonlyMap<number, readonly number[]>,
  count: number,
): { missing: number; repeated: number; isOrdered: boolean } {
  const times = new Map<number, number>()
  let isOrdered = true
  for (const numbers of seen.values()) {
    const lastOfHost = new Map<number, number>()
    for (const number of numbers) {
      times.set(number, (times.get(number) ?? 0) + 1)
      const host = number % HOSTS.length
      if (number < (lastOfHost.get(host) ?? 0)) isOrdered = false
      lastOfHost.set(host, number)
    }
  }
  let missing = 0
  for (let number = 1; number <= count; number++) if (!times.has(number)) missing++
  const repeated = [...times.values()].reduce((sum, each) => sum + each - 1, 0)
  return { missing, repeated, isOrdered }
}
