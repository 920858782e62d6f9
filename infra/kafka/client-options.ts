// KafkaConfig as options of kafkajs: for its public client (admin) and its internal connections. Also redirects its log lines to ours.
import kafkajs, { Kafka, type logCreator, type RetryOptions, type SASLOptions } from 'kafkajs'
import type { Logger } from '../process/logger.js'
import type { KafkaConfig } from './kafka-config.js'
import { fixKafkajs } from './kafkajs-internals/fixes.js'

/**
 * The kafkajs client for administration.
 * @param retry how often and how fast kafkajs reconnects; its default takes ten seconds to report that no broker answers
 */
export function kafkajsClient(config: KafkaConfig, log: Logger, retry: RetryOptions): Kafka {
  fixKafkajs()
  const sasl = saslOptionsOf(config)
  return new Kafka({
    brokers: shuffled(config.brokers),
    clientId: config.clientId ?? 'eunomia',
    connectionTimeout: 3_000,
    requestTimeout: config.requestTimeoutMs ?? 30_000,
    enforceRequestTimeout: true,
    retry,
    logLevel: KAFKAJS_LOG_LEVEL,
    logCreator: kafkajsLogCreator(log),
    ...(config.tls !== undefined && { ssl: config.tls }),
    ...(sasl !== undefined && { sasl }),
  })
}

/** Brokers in random order. kafkajs tries them in order, so the whole fleet would connect to the first. */
export function shuffled(brokers: readonly string[]): string[] {
  return brokers
    .map((broker) => ({ broker, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ broker }) => broker)
}

/** The login in the form of kafkajs. */
export function saslOptionsOf(config: KafkaConfig): SASLOptions | undefined {
  if (config.sasl === undefined) return undefined
  const { mechanism, username, password } = config.sasl
  // One literal per mechanism, because the type of kafkajs is a union over them.
  if (mechanism === 'plain') return { mechanism, username, password }
  if (mechanism === 'scram-sha-256') return { mechanism, username, password }
  return { mechanism, username, password }
}

export const KAFKAJS_LOG_LEVEL = kafkajs.logLevel.WARN

/** Logs the lines of kafkajs at debug level, because it also throws its errors. */
export function kafkajsLogCreator(log: Logger): logCreator {
  return () =>
    ({ namespace, log: entry }) => {
      const { message, logger: _logger, timestamp: _timestamp, stack: _stack, ...facts } = entry
      log.debug({ ...facts, from: `kafkajs ${namespace}`, text: message }, 'message of the Kafka client')
    }
}
