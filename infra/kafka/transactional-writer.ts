// Writes records to stated partitions, all of a call or none: what commands change in topics. Of two writers with one name, the later one ends the earlier
// one's. Knows bytes, not their meaning.
import kafkajs, { type Admin, type Kafka, type Message, type Producer } from 'kafkajs'
import type { Logger } from '../process/logger.js'
import { kafkajsClient } from './client-options.js'
import { groupNameOf, type KafkaConfig } from './kafka-config.js'
import { kafkaErrorOf } from './kafka-errors.js'

const RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 }
/** Of records that are sent at a time, uncompressed: kafkajs makes one batch of them, and brokers take 1 MiB by default. */
const PART_BYTES = 900_000
const TRANSACTION_MS = 60_000

/** A record, and where it goes. */
export interface PlacedRecord {
  /** Name in Kafka. */
  readonly topic: string
  readonly partition: number
  /** Unix milliseconds. */
  readonly timestampMs: number
  readonly key: Buffer | null
  /** null is a tombstone. */
  readonly value: Buffer | null
  readonly headers?: readonly (readonly [name: string, value: Buffer])[]
}

export class TransactionalWriter {
  readonly #producer: Producer
  readonly #kafka: Kafka

  private constructor(kafka: Kafka, producer: Producer) {
    this.#kafka = kafka
    this.#producer = producer
  }

  /** Opens it, and ends what a former writer of this name has under way. @throws an error of kafka-errors.ts */
  static async open(config: KafkaConfig, name: string, log: Logger): Promise<TransactionalWriter> {
    const kafka = kafkajsClient(config, log, RETRY)
    const producer = kafka.producer({
      transactionalId: `${groupNameOf(config, name)}/writer`,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      transactionTimeout: TRANSACTION_MS,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    })
    try {
      await producer.connect()
      await (await producer.transaction()).abort()
      return new TransactionalWriter(kafka, producer)
    } catch (cause) {
      await producer.disconnect().catch(() => undefined)
      throw kafkaErrorOf(cause, 'records can not be written')
    }
  }

  /** Writes all of them, or none. @throws an error of kafka-errors.ts; KafkaFencedError after another writer of this name was opened */
  async write(records: readonly PlacedRecord[]): Promise<void> {
    try {
      const transaction = await this.#producer.transaction()
      try {
        for (const [topic, messages] of partsOf(records)) await transaction.send({ topic, messages, acks: -1 })
        await transaction.commit()
      } catch (error) {
        await transaction.abort().catch(() => undefined)
        throw error
      }
    } catch (cause) {
      throw kafkaErrorOf(cause, 'records can not be written')
    }
  }

  /**
   * Creates topics that keep all records with the times that they are written with.
   * @returns the names of those that existed before, which are left as they are
   */
  async createKept(topics: readonly { readonly topic: string; readonly partitions: number }[], replicas: number): Promise<string[]> {
    return await this.#admin(async (admin) => {
      const existing = new Set(await admin.listTopics())
      const missing = topics.filter(({ topic }) => !existing.has(topic))
      const configEntries = [
        { name: 'retention.ms', value: '-1' },
        { name: 'message.timestamp.type', value: 'CreateTime' },
      ]
      if (missing.length > 0) {
        await admin.createTopics({
          waitForLeaders: true,
          topics: missing.map(({ topic, partitions }) => ({
            topic,
            numPartitions: partitions,
            replicationFactor: replicas,
            configEntries,
          })),
        })
      }
      return topics.map(({ topic }) => topic).filter((topic) => existing.has(topic))
    })
  }

  async close(): Promise<void> {
    await this.#producer.disconnect().catch(() => undefined)
  }

  async #admin<Value>(work: (admin: Admin) => Promise<Value>): Promise<Value> {
    const admin = this.#kafka.admin()
    try {
      await admin.connect()
      return await work(admin)
    } catch (cause) {
      throw kafkaErrorOf(cause, 'topics can not be created')
    } finally {
      await admin.disconnect().catch(() => undefined)
    }
  }
}

/** Messages by topic, in their order, in parts that a broker takes. */
function* partsOf(records: readonly PlacedRecord[]): Generator<readonly [topic: string, messages: Message[]]> {
  let topic = ''
  let messages: Message[] = []
  let bytes = 0
  for (const record of records) {
    const size = 100 + (record.key?.length ?? 0) + (record.value?.length ?? 0)
    if (messages.length > 0 && (record.topic !== topic || bytes + size > PART_BYTES)) {
      yield [topic, messages]
      messages = []
      bytes = 0
    }
    topic = record.topic
    bytes += size
    messages.push(messageOf(record))
  }
  if (messages.length > 0) yield [topic, messages]
}

function messageOf({ partition, timestampMs, key, value, headers = [] }: PlacedRecord): Message {
  const own: Record<string, Buffer | Buffer[]> = {}
  for (const [name, bytes] of headers) {
    const before = own[name]
    own[name] = before === undefined ? bytes : [before, bytes].flat()
  }
  return { partition, timestamp: String(timestampMs), key, value, ...(headers.length > 0 && { headers: own }) }
}
