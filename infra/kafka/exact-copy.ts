// Copies records of one topic into another exactly once: each batch is a transaction with how far the source has been copied, as a committed offset
// of a group of its own. Who takes a partition over fences the one before. Knows bytes, not their meaning.
import kafkajs, { type Admin, type Kafka, type Message, type Producer, type Transaction } from 'kafkajs'
import type { Logger } from '../process/logger.js'
import { kafkajsClient } from './client-options.js'
import type { KafkaConfig } from './kafka-config.js'
import { hasKafkaLabel, KafkaFencedError, kafkaErrorOf } from './kafka-errors.js'

/** Of records that are sent at a time, uncompressed: kafkajs makes one batch of them, and brokers take 1 MiB by default. */
const PART_BYTES = 900_000
/** About what a record needs besides its texts. */
const RECORD_BYTES = 100
const RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 }

/** Names in the cluster. */
export interface CopyConfig {
  readonly kafka: KafkaConfig
  /** Where records go. */
  readonly topic: string
  /** Where they are from, a topic of the same cluster. Deleting it deletes what is known of it. */
  readonly source: string
  /** Prefix of the transactional ids, and group with the marks. */
  readonly name: string
}

/** How far a partition of the source is copied. */
export interface CopyMark {
  /** Everything below is copied, but for what the metadata say. */
  readonly nextOffset: number
  readonly metadata: string
}

export type CopyMessage = Message

/** What to write, and the mark after it. */
export interface CopyBatch {
  readonly messages: readonly Message[]
  /** @param tooLarge messages that the topic does not take, because of their size */
  readonly markOf: (tooLarge: readonly Message[]) => CopyMark
}

interface OpenPartition {
  readonly producer: Producer
  transaction: Transaction | null
  mark: CopyMark
}

/** The copies of the partitions of a topic. */
export class ExactCopy {
  readonly #config: CopyConfig
  readonly #kafka: Kafka
  readonly #partitions = new Map<number, OpenPartition>()
  /** The last batch of each partition: a producer has one transaction at a time. */
  readonly #running = new Map<number, Promise<void>>()

  constructor(config: CopyConfig, log: Logger) {
    this.#config = config
    this.#kafka = kafkajsClient(config.kafka, log, RETRY)
  }

  /**
   * Writes one batch of a partition of the source, after those before it.
   * @param batchOf gets the mark, and returns null if nothing is to be done. It may be asked again, with the mark that another process left
   * @throws an error of kafka-errors.ts: nothing of the batch is written, or all of it, and the next mark says which
   */
  async copy(partition: number, batchOf: (mark: CopyMark) => CopyBatch | null): Promise<void> {
    const before = this.#running.get(partition) ?? Promise.resolve()
    const running = before.catch(() => undefined).then(async () => await this.#copyOne(partition, batchOf))
    this.#running.set(partition, running)
    await running
  }

  async #copyOne(partition: number, batchOf: (mark: CopyMark) => CopyBatch | null): Promise<void> {
    let [isAlone, wasFenced] = [false, false]
    for (;;) {
      try {
        const open = this.#partitions.get(partition) ?? (await this.#open(partition))
        const batch = batchOf(open.mark)
        if (batch === null) return
        const transaction = open.transaction ?? (await open.producer.transaction())
        open.transaction = null
        open.mark = await this.#write(transaction, partition, batch, isAlone)
        return
      } catch (cause) {
        await this.#drop(partition)
        const error = kafkaErrorOf(cause, `${this.#config.topic} can't be written`)
        // Another process had the partition meanwhile, and left its mark.
        if (error instanceof KafkaFencedError && !wasFenced) wasFenced = true
        // Each alone shows which one it is.
        else if (isTooLarge(cause) && !isAlone) isAlone = true
        else throw error
      }
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#running.values())
    await Promise.all([...this.#partitions.keys()].map(async (partition) => await this.#drop(partition)))
  }

  async #write(transaction: Transaction, partition: number, { messages, markOf }: CopyBatch, isAlone: boolean): Promise<CopyMark> {
    const { topic, source, name } = this.#config
    const tooLarge: Message[] = []
    for (const part of partsOf(messages, isAlone ? 0 : PART_BYTES)) {
      try {
        await transaction.send({ topic, messages: part, acks: -1 })
      } catch (error) {
        if (!isAlone || !isTooLarge(error)) throw error
        tooLarge.push(...part)
      }
    }
    const mark = markOf(tooLarge)
    const offsets = [{ partition, offset: String(mark.nextOffset), metadata: mark.metadata }]
    await transaction.sendOffsets({ consumerGroupId: name, topics: [{ topic: source, partitions: offsets }] })
    await transaction.commit()
    return mark
  }

  /** The first transaction fences the producer before, and ends what it left open: only then the mark is certain. */
  async #open(partition: number): Promise<OpenPartition> {
    const producer = this.#kafka.producer({
      transactionalId: `${this.#config.name}.${String(partition)}`,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    })
    const admin = this.#kafka.admin()
    try {
      await producer.connect()
      const transaction = await producer.transaction()
      await admin.connect()
      const open = { producer, transaction, mark: await this.#markOf(admin, partition) }
      this.#partitions.set(partition, open)
      return open
    } catch (error) {
      await producer.disconnect().catch(() => undefined)
      throw error
    } finally {
      await admin.disconnect().catch(() => undefined)
    }
  }

  async #markOf(admin: Admin, partition: number): Promise<CopyMark> {
    const { source, name } = this.#config
    const [found] = await admin.fetchOffsets({ groupId: name, topics: [source] })
    const own = found?.partitions.find((one) => one.partition === partition)
    return { nextOffset: Math.max(0, Number(own?.offset ?? 0)), metadata: own?.metadata ?? '' }
  }

  async #drop(partition: number): Promise<void> {
    const open = this.#partitions.get(partition)
    this.#partitions.delete(partition)
    await open?.transaction?.abort().catch(() => undefined)
    await open?.producer.disconnect().catch(() => undefined)
  }
}

/** In their order; a message above the bound is alone. */
function partsOf(messages: readonly Message[], maxBytes: number): Message[][] {
  const parts: Message[][] = []
  let bytes = Infinity
  for (const message of messages) {
    const own = RECORD_BYTES + (message.value?.length ?? 0) + (message.key?.length ?? 0)
    if (bytes + own > maxBytes) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)?.push(message)
    bytes += own
  }
  return parts
}

function isTooLarge(error: unknown): boolean {
  return hasKafkaLabel(error, 'MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE')
}
