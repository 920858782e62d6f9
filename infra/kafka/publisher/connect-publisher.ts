// Starts a publisher: connects, fetches the partitions of the topics, requests a producer id. Retries while the cluster is unavailable, and
// fails at once if a retry can't help (no access, missing topic).
import type { AckListener, LossListener } from '../../topic-log/topic-log.js'
import type { Logger } from '../../process/logger.js'
import { TOPIC_KEYS } from '../../topic-log/topics.js'
import { Backoff } from '../../waiting/backoff.js'
import { brokersText, topicNameOf, type KafkaConfig } from '../kafka-config.js'
import { kafkaErrorOf, KafkaTopicError, KafkaUnreachableError } from '../kafka-errors.js'
import { KafkaCluster } from '../kafkajs-internals/cluster.js'
import { OutageLog } from '../../process/outage-log.js'
import { KafkaPublisher } from './publisher.js'

/** Listeners and signal of a publisher. */
export interface ConnectPublisherOptions {
  readonly onAck: AckListener
  readonly onLoss: LossListener
  /** Ends the attempts to connect. */
  readonly signal: AbortSignal
  readonly firstSequence?: number
}

/**
 * @throws KafkaRefusedError, KafkaTopicError at once; KafkaUnreachableError if the signal ends the attempts
 */
export async function connectPublisher(config: KafkaConfig, options: ConnectPublisherOptions, log: Logger): Promise<KafkaPublisher> {
  const brokers = brokersText(config)
  const outage = new OutageLog(log, { brokers }, 'Kafka does not accept records, retrying', 'Kafka accepts records again')
  const backoff = new Backoff(100, 5_000)
  const topics = (config.publishTopics ?? TOPIC_KEYS).map((key) => topicNameOf(config, key))
  while (!options.signal.aborted) {
    const cluster = new KafkaCluster(config, log)
    try {
      await cluster.connect(topics)
      for (const topic of topics) if (cluster.partitionCount(topic) === 0) throw missingTopic(topic, brokers)
      const producer = await cluster.initProducer()
      outage.succeeded()
      const { onAck, onLoss, firstSequence } = options
      return new KafkaPublisher(config, {
        cluster,
        producer,
        outage,
        log,
        onAck,
        onLoss,
        ...(firstSequence !== undefined && { firstSequence }),
      })
    } catch (cause) {
      await cluster.disconnect().catch(() => undefined)
      const error = kafkaErrorOf(cause, `Kafka at ${brokers} can't be used`)
      if (error instanceof KafkaTopicError) throw missingTopic(await firstMissing(config, topics, log), brokers)
      if (!error.isRetryable) throw error
      outage.failed(error)
    }
    await backoff.wait(options.signal)
  }
  throw new KafkaUnreachableError(`Kafka at ${brokers} was not reached before the publisher was closed`)
}

// kafkajs reports that a topic is missing, but not which one.
async function firstMissing(config: KafkaConfig, topics: readonly string[], log: Logger): Promise<string> {
  for (const topic of topics) {
    const cluster = new KafkaCluster(config, log)
    try {
      await cluster.connect([topic])
      if (cluster.partitionCount(topic) === 0) return topic
    } catch {
      return topic
    } finally {
      await cluster.disconnect().catch(() => undefined)
    }
  }
  return topics.join(', ')
}

function missingTopic(topic: string, brokers: string): KafkaTopicError {
  return new KafkaTopicError(`topic ${topic} does not exist at ${brokers}: run "eunomia topics create"`, { details: { topic } })
}
