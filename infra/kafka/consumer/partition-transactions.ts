// Outputs and offsets of one input partition in one transaction each: both are seen, or neither. The transactional id belongs to the partition
// and not to the process, so whoever is given the partition shuts out the member that had it before.
import type { Message, Producer, Transaction } from 'kafkajs'
import type { Logger } from '../../process/logger.js'
import type { ConsumeOptions, OutputRecord } from '../../topic-log/topic-log.js'
import { TOPIC_KEYS, type TopicKey } from '../../topic-log/topics.js'
import { groupNameOf, topicNameOf, type KafkaConfig } from '../kafka-config.js'
import { kafkaErrorOf } from '../kafka-errors.js'
import type { KafkaCluster, RetryOptions } from '../kafkajs-internals/cluster.js'
import { messageOf } from '../../process/errors.js'
import type { StableOffset } from '../flexible-requests.js'

// A transaction that follows another at once is told to wait until the markers of that one are written, which takes a few ms: kafkajs' usual
// first pause of 300 ms would be most of the time. About 5 s in all, then the batch is tried anew.
const RETRY: RetryOptions = { retries: 13, initialRetryTime: 2, maxRetryTime: 1_000 }
// How long an abandoned transaction may hold back the readers of the output topics when nobody takes the partition over.
const TRANSACTION_TIMEOUT_MS = 30_000

/** What one batch becomes. */
export interface TransactionContent {
  readonly firstOffset: number
  readonly nextOffset: number
  readonly outputs: readonly OutputRecord[]
}

interface Settled {
  readonly producer: Producer
  readonly movedTo: number | undefined
}

/** What they stand on. */
export interface TransactionsDeps {
  readonly cluster: KafkaCluster
  readonly config: KafkaConfig
  readonly options: Pick<ConsumeOptions, 'group' | 'outputs'>
  readonly log: Logger
}

/** The transactions of one input partition of one group. */
export class PartitionTransactions {
  readonly #cluster: KafkaCluster
  readonly #config: KafkaConfig
  readonly #group: string
  readonly #topic: string
  readonly #partition: number
  readonly #outputs: readonly TopicKey[]
  readonly #log: Logger
  #producer: Producer | undefined
  /** Counts the resets: what was settled before one is not settled for what comes behind it. */
  #term = 0

  constructor({ cluster, config, options, log }: TransactionsDeps, topic: string, partition: number) {
    this.#cluster = cluster
    this.#config = config
    this.#group = groupNameOf(config, options.group)
    this.#outputs = options.outputs ?? TOPIC_KEYS
    this.#topic = topic
    this.#partition = partition
    this.#log = log
  }

  /**
   * Makes sure, once after each join, that nothing of a member before is under way: takes the transactional id over, which ends what that one had
   * begun. Gives undefined, or the offset at which the group stands then when that is behind the batch's first record: another member, or a
   * commit whose answer was lost, has been here. Needed before plain commits too: one would set the group back behind such a transaction.
   * @throws KafkaFencedError, KafkaUnreachableError, KafkaRefusedError
   */
  async settle(firstOffset: number): Promise<number | undefined> {
    return (await this.#settled(firstOffset)).movedTo
  }

  /**
   * Commits outputs and offset together. Gives undefined when it is done, or, with nothing written, what `settle` gives.
   * @throws KafkaFencedError, KafkaUnreachableError, KafkaRefusedError, KafkaTopicError; nothing is written then, or the whole is: trying the
   * batch again finds out which
   */
  async commit(content: TransactionContent): Promise<number | undefined> {
    const { producer, movedTo } = await this.#settled(content.firstOffset)
    if (movedTo !== undefined) return movedTo
    let transaction: Transaction | undefined
    try {
      transaction = await producer.transaction()
      await transaction.sendBatch({ acks: -1, topicMessages: this.#topicMessages(content.outputs) })
      await transaction.sendOffsets({
        consumerGroupId: this.#group,
        topics: [{ topic: this.#topic, partitions: [{ partition: this.#partition, offset: String(content.nextOffset) }] }],
      })
      await transaction.commit()
      return undefined
    } catch (cause) {
      await this.#giveUp(transaction)
      throw kafkaErrorOf(cause, `outputs of ${this.#topic}/${String(this.#partition)} could not be committed`)
    }
  }

  /** The group was put together anew: the next step takes the id over again. */
  reset(): void {
    this.#producer = undefined
    this.#term++
  }

  async #settled(firstOffset: number): Promise<Settled> {
    if (this.#producer !== undefined) return { producer: this.#producer, movedTo: undefined }
    const term = this.#term
    try {
      let { producer, groupOffset } = await this.#takenOver()
      if (groupOffset === 'pending') {
        await this.#endLeftOpen()
        ;({ producer, groupOffset } = await this.#takenOver())
      }
      if (groupOffset === 'pending')
        throw new Error('a transaction of another producer id has no end: kafka-transactions.sh find-hanging, then abort')
      if (term === this.#term) this.#producer = producer
      return { producer, movedTo: groupOffset > firstOffset ? groupOffset : undefined }
    } catch (cause) {
      throw kafkaErrorOf(cause, `transactions of ${this.#topic}/${String(this.#partition)} could not be taken over`)
    }
  }

  async #takenOver(): Promise<{ producer: Producer; groupOffset: StableOffset }> {
    const producer = this.#cluster.transactionalProducer(this.#transactionalId, TRANSACTION_TIMEOUT_MS, RETRY)
    await producer.connect()
    // An empty one takes the id over: it ends what another member had begun, so that the offset read behind it is final.
    await (await producer.transaction()).abort()
    return { producer, groupOffset: await this.#cluster.stableOffset(this.#group, this.#topic, this.#partition) }
  }

  // Brokers (seen with Kafka 4.3.1) take a partition that has no leader for a deleted one: when they come back after a crash, a transaction that was
  // about to be committed is told to be so, while neither its records nor its offset ever get their end. The next commit of the same producer
  // would show those records beside the ones that are made again for the offset that stands: so they are ended as not committed.
  async #endLeftOpen(): Promise<void> {
    const topics = this.#outputs.map((key) => topicNameOf(this.#config, key))
    await this.#cluster.abortHanging(this.#transactionalId, TRANSACTION_TIMEOUT_MS, this.#group, topics)
    this.#log.warn(
      { group: this.#group, topic: this.#topic, partition: this.#partition },
      'the broker left a transaction without its end, it was ended as not committed',
    )
  }

  get #transactionalId(): string {
    return `${this.#group}.${this.#topic}.${String(this.#partition)}`
  }

  // After a failure nobody knows what the broker has. The producer is not used again; its successor's first step settles it.
  async #giveUp(transaction: Transaction | undefined): Promise<void> {
    this.#producer = undefined
    if (transaction?.isActive() !== true) return
    await transaction.abort().catch((error: unknown) => {
      this.#log.debug({ topic: this.#topic, partition: this.#partition, error: messageOf(error) }, 'a transaction could not be aborted')
    })
  }

  #topicMessages(outputs: readonly OutputRecord[]): { topic: string; messages: Message[] }[] {
    const byTopic = new Map<string, Message[]>()
    for (const { topic, key, value, timestampMs } of outputs) {
      const name = topicNameOf(this.#config, topic)
      const messages = byTopic.get(name) ?? []
      byTopic.set(name, messages)
      messages.push({ key: bufferOf(key), value: bufferOf(value), timestamp: String(Math.floor(timestampMs)) })
    }
    return [...byTopic].map(([topic, messages]) => ({ topic, messages }))
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
