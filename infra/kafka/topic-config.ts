// The settings of our topics in Kafka's own words, for making and for checking them.
import type { TopicSettings } from '../topic-log/topics.js'

// A record that carries another one (dead letter, pending event) must fit beside its batch's own megabyte.
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024
const LONG_MAX = 9_223_372_036_854_775_807n

/** Kafka's settings of a topic. */
export function topicConfigOf(settings: TopicSettings, replicationFactor: number): Readonly<Record<string, string>> {
  return {
    'cleanup.policy': settings.cleanupPolicy,
    'retention.ms': String(settings.retentionMs),
    'max.message.bytes': String(MAX_MESSAGE_BYTES),
    // Kafka's default refuses the batches of a host whose clock is an hour ahead.
    'message.timestamp.after.max.ms': String(LONG_MAX),
    // With three replicas one may be away and writing goes on; with two or one there is nothing to spare.
    'min.insync.replicas': String(replicationFactor >= 3 ? 2 : 1),
  }
}
