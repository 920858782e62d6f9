// Our settings in the words of kafkajs, for its public client (groups, admin) and for its connections.
import { Kafka, type RetryOptions, type SASLOptions } from 'kafkajs'
import type { Logger } from '../process/logger.js'
import type { KafkaConfig } from './kafka-config.js'
import { KAFKAJS_LOG_LEVEL, kafkajsLogCreator, type OffsetResetListener } from './kafkajs-logger.js'
import { mendKafkajs } from './kafkajs-internals/mends.js'

/**
 * kafkajs' client for groups and admin work.
 * @param retry how often and how fast it tries to connect by itself; kafkajs' default takes ten seconds to say that nobody is there
 */
export function kafkajsClient(config: KafkaConfig, log: Logger, retry: RetryOptions, onOffsetReset?: OffsetResetListener): Kafka {
  mendKafkajs()
  const sasl = saslOptionsOf(config)
  return new Kafka({
    brokers: shuffled(config.brokers),
    clientId: config.clientId ?? 'eunomia',
    connectionTimeout: 3_000,
    requestTimeout: config.requestTimeoutMs ?? 30_000,
    enforceRequestTimeout: true,
    retry,
    logLevel: KAFKAJS_LOG_LEVEL,
    logCreator: kafkajsLogCreator(log, onOffsetReset),
    ...(config.tls !== undefined && { ssl: config.tls }),
    ...(sasl !== undefined && { sasl }),
  })
}

/** Brokers in another order each time: kafkajs asks them in order, and a whole fleet would knock at the first. */
export function shuffled(brokers: readonly string[]): string[] {
  return brokers
    .map((broker) => ({ broker, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ broker }) => broker)
}

/** Name and password as kafkajs wants them. */
export function saslOptionsOf(config: KafkaConfig): SASLOptions | undefined {
  if (config.sasl === undefined) return undefined
  const { mechanism, username, password } = config.sasl
  // One literal per mechanism: kafkajs' type is a union over them.
  if (mechanism === 'plain') return { mechanism, username, password }
  if (mechanism === 'scram-sha-256') return { mechanism, username, password }
  return { mechanism, username, password }
}
