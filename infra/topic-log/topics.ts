// Names and settings of the topics; schemas/ defines their records. Topics keyed by host have the same number of partitions and the same
// partitioner (murmur2), so that one instance gets all events of a host.

/** Short names of topics, for functions and the ledger. */
export const TOPIC_KEYS = [
  'process',
  'file',
  'network',
  'kernel',
  'container',
  'host',
  'usage',
  'alerts',
  'pending',
  'deadletter',
  'audit',
  'state',
  'archive',
  'hunts',
] as const
export type TopicKey = (typeof TOPIC_KEYS)[number]

/** Settings of one topic. */
export interface TopicSettings {
  readonly key: TopicKey
  /** Name in Kafka. */
  readonly name: string
  readonly writer: 'collector' | 'functions' | 'people'
  /** The same for all topics keyed by host. Fixed after creation: another number would move hosts to other partitions. */
  readonly partitions: number
  /** Retention, milliseconds; of a compacted topic -1. */
  readonly retentionMs: number
  /** Of each key, the latest record stays. */
  readonly isCompacted: boolean
  /** Source of the Kafka timestamp: the writer (the time of the event) or the broker. */
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
}

const DAY_MS = 86_400_000

/** Partitions of every topic, and so the most function instances that share the work. 6 divides evenly among 1, 2, 3 and 6. */
export const DEFAULT_PARTITIONS = 6

/** Most that the Kafka timestamp of a record may be ahead of broker time, milliseconds. A later one would extend the retention of its segment. */
export const MAX_AHEAD_MS = 5 * 60_000

/** Every topic of Eunomia by its short name. */
export const TOPICS: Readonly<Record<TopicKey, TopicSettings>> = {
  process: topic('process', 'collector', 7),
  file: topic('file', 'collector', 7),
  network: topic('network', 'collector', 7),
  kernel: topic('kernel', 'collector', 7),
  container: topic('container', 'collector', 30),
  // Answers to heartbeats carry broker time.
  host: { ...topic('host', 'collector', 30), timestampType: 'LogAppendTime' },
  usage: topic('usage', 'collector', 7),
  alerts: topic('alerts', 'functions', 90),
  pending: topic('pending', 'functions', 1),
  deadletter: topic('deadletter', 'functions', 30),
  audit: topic('audit', 'collector', 90),
  state: { ...topic('state', 'people', 0), retentionMs: -1, isCompacted: true },
  archive: { ...topic('archive', 'functions', 0), retentionMs: -1, isCompacted: true },
  hunts: topic('hunts', 'functions', 7),
}

function topic(key: TopicKey, writer: TopicSettings['writer'], retentionDays: number): TopicSettings {
  return {
    key,
    name: `eunomia.${key}.v1`,
    writer,
    partitions: DEFAULT_PARTITIONS,
    retentionMs: retentionDays * DAY_MS,
    isCompacted: false,
    timestampType: 'CreateTime',
  }
}

const BY_NAME = new Map(Object.values(TOPICS).map((topic) => [topic.name, topic]))

/** Settings of the topic with this name in Kafka; undefined for a topic of others. */
export function topicByName(name: string): TopicSettings | undefined {
  return BY_NAME.get(name)
}
