// The settings of our topics in Kafka's own words, for making and for checking them.
import { MAX_AHEAD_MS, type TopicSettings } from '../topic-log/topics.js'

// A record that carries another one (dead letter, pending event) must fit beside its batch's own megabyte.
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024
const LONG_MAX = 9_223_372_036_854_775_807n
/** More than the publisher's bound, so that the estimate of broker time may be off by a minute. */
const REFUSED_AHEAD_MS = MAX_AHEAD_MS + 60_000

/** Kafka's settings of a topic. */
export function topicConfigOf(settings: TopicSettings, replicationFactor: number): Readonly<Record<string, string>> {
  return {
    'cleanup.policy': settings.cleanupPolicy,
    'retention.ms': String(settings.retentionMs),
    'max.message.bytes': String(MAX_MESSAGE_BYTES),
    'message.timestamp.type': settings.timestampType,
    // The publisher moves what is refused back to the broker's time. What functions write must never be refused for its time.
    'message.timestamp.after.max.ms': String(settings.writer === 'collector' ? REFUSED_AHEAD_MS : LONG_MAX),
    // With three replicas one may be away and writing goes on; with two or one there is nothing to spare.
    'min.insync.replicas': String(replicationFactor >= 3 ? 2 : 1),
  }
}
