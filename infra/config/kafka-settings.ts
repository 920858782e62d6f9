// Converts the kafka section of the settings to a KafkaConfig. Reads the files of keys and passwords once.
import { readFileSync } from 'node:fs'
import { messageOf } from '../process/errors.js'
import type { KafkaConfig, SaslConfig } from '../kafka/kafka-config.js'
import { ConfigError, type ConfigMistake } from './setting-value.js'
import type { Config } from './config-schema.js'

/** @throws ConfigError (EUNOMIA_CONFIG_INVALID) for a file that can't be read, or an incomplete login */
export function kafkaConfigOf(kafka: Config['kafka']): KafkaConfig {
  const sasl = saslOf(kafka.sasl)
  return {
    brokers: kafka.brokers,
    ...(kafka.ssl.enabled && { tls: tlsOf(kafka.ssl) }),
    ...(sasl !== undefined && { sasl }),
    topicPrefix: kafka.topicPrefix,
    compression: kafka.compression,
    lingerMs: kafka.lingerMs,
    batchBytes: kafka.maxBatchBytes,
    bufferBytes: kafka.bufferBytes,
    fetchBytes: kafka.fetchBytes,
    ...(kafka.sessionTimeoutMs !== null && { sessionTimeoutMs: kafka.sessionTimeoutMs }),
  }
}

/** The same for the functions, which alone are members under the name of their instance. @throws as kafkaConfigOf */
export function functionKafkaConfigOf(kafka: Config['kafka']): KafkaConfig {
  return { ...kafkaConfigOf(kafka), ...(kafka.instanceId !== null && { instanceId: kafka.instanceId }) }
}

function tlsOf(ssl: Config['kafka']['ssl']): NonNullable<KafkaConfig['tls']> {
  const { caFile, certFile, keyFile } = ssl
  if (caFile === null && certFile === null && keyFile === null) return true
  return {
    ...(caFile !== null && { ca: read('kafka.ssl.caFile', caFile) }),
    ...(certFile !== null && { cert: read('kafka.ssl.certFile', certFile) }),
    ...(keyFile !== null && { key: read('kafka.ssl.keyFile', keyFile) }),
  }
}

function saslOf(sasl: Config['kafka']['sasl']): SaslConfig | undefined {
  if (sasl.mechanism === 'none') return undefined
  const password = sasl.passwordFile === null ? sasl.password : read('kafka.sasl.passwordFile', sasl.passwordFile).replace(/\r?\n$/, '')
  const missing: ConfigMistake[] = []
  if (sasl.username === null) missing.push({ place: 'kafka.sasl.username', message: `required by the mechanism ${sasl.mechanism}` })
  if (password === null)
    missing.push({ place: 'kafka.sasl.passwordFile', message: `this or password is required by the mechanism ${sasl.mechanism}` })
  if (sasl.username === null || password === null) throw new ConfigError(missing)
  return { mechanism: sasl.mechanism, username: sasl.username, password }
}

function read(path: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError([{ place: path, message: `${file} can't be read: ${messageOf(error)}` }], { cause: error })
  }
}
