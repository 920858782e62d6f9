// The TopicLog over a Kafka cluster: creates publishers and group members, and ends them.
import type { Logger } from '../process/logger.js'
import type { BodyLog } from '../topic-log/body-appender.js'
import type { AckListener, ConsumeOptions, LossListener, TopicConsumer, TopicLog } from '../topic-log/topic-log.js'
import { GroupConsumer } from './group/group-consumer.js'
import { removeInstance } from './group/remove-instance.js'
import { KafkaCluster } from './kafkajs-internals/cluster.js'
import type { KafkaConfig } from './kafka-config.js'
import { connectPublisher } from './publisher/connect-publisher.js'
import type { KafkaPublisher } from './publisher/publisher.js'

/** What kafkajs tries by itself; everything above tries again with growing pauses. */
const RETRY = { retries: 2, initialRetryTime: 50, maxRetryTime: 500 }

/** A cluster as a topic log. Opens no connection itself. */
export class KafkaTopicLog implements TopicLog, BodyLog {
  readonly #config: KafkaConfig
  readonly #log: Logger
  readonly #end = new AbortController()
  readonly #parts = new Set<() => Promise<void>>()

  constructor(config: KafkaConfig, log: Logger) {
    this.#config = config
    this.#log = log
  }

  /**
   * Waits until the cluster is available, without a time limit.
   * @throws KafkaRefusedError, KafkaTopicError; KafkaUnreachableError if the topic log is closed before
   */
  async appender(onAck: AckListener, onLoss: LossListener): Promise<KafkaPublisher> {
    const publisher = await connectPublisher(this.#config, { onAck, onLoss, signal: this.#end.signal }, this.#log)
    this.#parts.add(() => publisher.close())
    return publisher
  }

  /** Starts to read. An unavailable cluster is logged; `done` rejects on a permanent error. */
  consume(options: ConsumeOptions): Promise<TopicConsumer> {
    const consumer = new GroupConsumer(this.#config, options, new KafkaCluster(this.#config, this.#log, RETRY), this.#log)
    this.#parts.add(() => consumer.stop('the topic log was closed'))
    return Promise.resolve(consumer)
  }

  /** Removes a static member whose process has ended for good. @returns false if the group has no such member */
  async removeInstance(group: string, instanceId: string): Promise<boolean> {
    return await removeInstance(this.#config, { group, instanceId }, new KafkaCluster(this.#config, this.#log, RETRY), this.#log)
  }

  /** Ends all publishers and consumers. */
  async close(): Promise<void> {
    this.#end.abort()
    await Promise.all([...this.#parts].map((end) => end()))
  }
}
