// KafkaConfig as options of kafkajs: for its public client (groups, admin) and its internal connections. Also redirects its log lines to ours.
import kafkajs, { Kafka, type logCreator, type RetryOptions, type SASLOptions } from 'kafkajs'
import type { Logger } from '../process/logger.js'
import type { KafkaConfig } from './kafka-config.js'
import { fixKafkajs, OFFSET_RESET } from './kafkajs-internals/fixes.js'

/**
 * The kafkajs client for groups and administration.
 * @param retry how often and how fast kafkajs reconnects; its default takes ten seconds to report that no broker answers
 */
export function kafkajsClient(config: KafkaConfig, log: Logger, retry: RetryOptions, onOffsetReset?: OffsetResetListener): Kafka {
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
    logCreator: kafkajsLogCreator(log, onOffsetReset),
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

/** A group continues at `to` instead of `from`, because the records in between were removed before it read them. */
export type OffsetResetListener = (topic: string, partition: number, from: number, to: number) => void

/** Logs the lines of kafkajs at debug level, because it also throws its errors. Only an offset reset appears nowhere else. */
export function kafkajsLogCreator(log: Logger, onOffsetReset?: OffsetResetListener): logCreator {
  return () =>
    ({ namespace, log: entry }) => {
      const { message, logger: _logger, timestamp: _timestamp, stack: _stack, ...facts } = entry
      if (message === OFFSET_RESET) {
        onOffsetReset?.(String(facts['topic']), Number(facts['partition']), Number(facts['from']), Number(facts['to']))
        return
      }
      log.debug({ ...facts, from: `kafkajs ${namespace}`, text: message }, 'message of the Kafka client')
    }
}
