// Our settings in the words of kafkajs, for its public client (groups, admin) and for its connections.
import { Kafka, type SASLOptions } from 'kafkajs'
import type { Logger } from '../logger.js'
import type { KafkaConfig } from './kafka-config.js'
import { KAFKAJS_LOG_LEVEL, kafkajsLogCreator } from './kafkajs-logger.js'
import { mendKafkajs } from './kafkajs-internals/mends.js'

/** kafkajs' client for groups and admin work. */
export function kafkajsClient(config: KafkaConfig, log: Logger): Kafka {
  mendKafkajs()
  const sasl = saslOptionsOf(config)
  return new Kafka({
    brokers: [...config.brokers],
    clientId: config.clientId ?? 'eunomia',
    connectionTimeout: 3_000,
    requestTimeout: config.requestTimeoutMs ?? 30_000,
    enforceRequestTimeout: true,
    logLevel: KAFKAJS_LOG_LEVEL,
    logCreator: kafkajsLogCreator(log),
    ...(config.tls !== undefined && { ssl: config.tls }),
    ...(sasl !== undefined && { sasl }),
  })
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
