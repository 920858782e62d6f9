// How to reach a Kafka cluster and write to it; the `kafka` section of the configuration becomes this. Knows nothing of the records' content.
import type { ConnectionOptions } from 'node:tls'
import { TOPICS, topicByName, type TopicKey } from '../topic-log/topics.js'

/** Compression of the publisher's batches. zstd is the smallest, lz4 the cheapest. none costs the least CPU and the most disk. */
export const COMPRESSIONS = ['none', 'lz4', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]

/** Memory of a group member for fetched records, bytes. */
export const DEFAULT_FETCH_BYTES = 32 * 1024 * 1024

/** Login at the broker. */
export interface SaslConfig {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

/** A cluster, and how to use it. */
export interface KafkaConfig {
  /** `host:port` of at least one broker. */
  readonly brokers: readonly string[]
  /** Name in the logs and quotas of the brokers; default "eunomia". */
  readonly clientId?: string
  /** TLS: true for the system's authorities, or Node's options. Default: none. */
  readonly tls?: boolean | ConnectionOptions
  readonly sasl?: SaslConfig
  /** Prefix of topics, groups and transactional ids, for shared clusters. Default: none. */
  readonly topicPrefix?: string
  /** Topics that the publisher writes, for a user without access to the others; default all. */
  readonly publishTopics?: readonly TopicKey[]
  /** Default none. */
  readonly compression?: Compression
  /** How long a batch waits for more records, milliseconds. A longer time costs less and adds latency. Default 20. */
  readonly lingerMs?: number
  /** Size at which a batch is sent without waiting, bytes before compression. Default 1,000,000; topics must allow it (max.message.bytes). */
  readonly batchBytes?: number
  /** Memory for unacknowledged records, bytes. Default 64 MiB; a restart of a broker takes about 12 s. */
  readonly bufferBytes?: number
  /** Memory of a group member for fetched records, bytes; a quarter of it more is kept for the next ones. Default 32 MiB. */
  readonly fetchBytes?: number
  /** Longest wait for an answer before the connection is dropped, milliseconds. Default 30,000. */
  readonly requestTimeoutMs?: number
  /** How long a group member may be silent before its partitions go to others, milliseconds. Default 15,000; 60,000 with `instanceId`. */
  readonly sessionTimeoutMs?: number
  /** `group.instance.id` of all groups of this process: a restart keeps its partitions. Default: none. */
  readonly instanceId?: string
}

/** Name of a topic in this cluster. */
export function topicNameOf(config: KafkaConfig, key: TopicKey): string {
  return (config.topicPrefix ?? '') + TOPICS[key].name
}

/** Short name of a topic of this cluster, or undefined for one that is not ours. */
export function topicKeyOf(config: KafkaConfig, name: string): TopicKey | undefined {
  const prefix = config.topicPrefix ?? ''
  return name.startsWith(prefix) ? topicByName(name.slice(prefix.length))?.key : undefined
}

/** Name of a group in this cluster. */
export function groupNameOf(config: KafkaConfig, group: string): string {
  return (config.topicPrefix ?? '') + group
}

/** The brokers as one text for messages. */
export function brokersText(config: KafkaConfig): string {
  return config.brokers.join(', ')
}
