// Topics as code: their names and settings. Which record a topic holds is said by schemas/, who writes it by the parts themselves.
// Host-keyed topics have the same number of partitions and the same partitioner (murmur2), so a host's events meet in one instance.

/** Short names, as functions and the ledger use them. */
export const TOPIC_KEYS = ['process', 'file', 'network', 'kernel', 'container', 'host', 'usage', 'alerts', 'pending', 'deadletter'] as const
/** One of them. */
export type TopicKey = (typeof TOPIC_KEYS)[number]

/** Settings of one topic. */
export interface TopicSettings {
  readonly key: TopicKey
  /** Name in Kafka. */
  readonly name: string
  readonly writer: 'collector' | 'functions'
  /** Number of partitions; the same for all topics that are keyed by host. Fixed once made: another number sends a host elsewhere. */
  readonly partitions: number
  /** Retention, milliseconds. */
  readonly retentionMs: number
  /** `delete`: by age; `compact,delete`: also keeps the last record of each key within the retention. */
  readonly cleanupPolicy: 'delete' | 'compact,delete'
  /** Whose clock gives the Kafka timestamp: the writer's (the time of the event) or the broker's. */
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
}

const DAY_MS = 86_400_000

/** Partitions of every topic: at most that many function instances share the work, and 6 divide evenly among 1, 2, 3 and 6. */
export const DEFAULT_PARTITIONS = 6

/** How far the Kafka timestamp of a record may be ahead of the broker's clock, milliseconds. A later one would pin the retention of its segment. */
export const MAX_AHEAD_MS = 5 * 60_000

/** Every topic of Eunomia by its short name. */
export const TOPICS: Readonly<Record<TopicKey, TopicSettings>> = {
  process: topic('process', 'collector', 7),
  file: topic('file', 'collector', 7),
  network: topic('network', 'collector', 7),
  kernel: topic('kernel', 'collector', 7),
  container: topic('container', 'collector', 30),
  // The answers to heartbeats carry the broker's time.
  host: { ...topic('host', 'collector', 30), timestampType: 'LogAppendTime' },
  usage: topic('usage', 'collector', 7),
  alerts: topic('alerts', 'functions', 90),
  pending: topic('pending', 'functions', 1),
  deadletter: topic('deadletter', 'functions', 30),
}

function topic(key: TopicKey, writer: TopicSettings['writer'], retentionDays: number): TopicSettings {
  return {
    key,
    name: `eunomia.${key}.v1`,
    writer,
    partitions: DEFAULT_PARTITIONS,
    retentionMs: retentionDays * DAY_MS,
    cleanupPolicy: 'delete',
    timestampType: 'CreateTime',
  }
}

const BY_NAME = new Map(Object.values(TOPICS).map((topic) => [topic.name, topic]))

/** Settings of the topic with this name in Kafka, or undefined for one that is not ours. */
export function topicByName(name: string): TopicSettings | undefined {
  return BY_NAME.get(name)
}
