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
  /** Number of partitions; the same for all topics that are keyed by host. Fixed once made: another number sends a host elsewhere. */
  readonly partitions: number
  /** Retention, milliseconds. */
  readonly retentionMs: number
  /** `delete`: by age; `compact,delete`: also keeps the last record of each key within the retention. */
  readonly cleanupPolicy: 'delete' | 'compact,delete'
}

const DAY_MS = 86_400_000

/** Partitions of every topic: at most that many function instances share the work, and 6 divide evenly among 1, 2, 3 and 6. */
export const DEFAULT_PARTITIONS = 6

/** Every topic of Eunomia by its short name. */
export const TOPICS: Readonly<Record<TopicKey, TopicSettings>> = {
  process: { key: 'process', name: 'eunomia.process.v1', partitions: DEFAULT_PARTITIONS, retentionMs: 7 * DAY_MS, cleanupPolicy: 'delete' },
  file: { key: 'file', name: 'eunomia.file.v1', partitions: DEFAULT_PARTITIONS, retentionMs: 7 * DAY_MS, cleanupPolicy: 'delete' },
  network: { key: 'network', name: 'eunomia.network.v1', partitions: DEFAULT_PARTITIONS, retentionMs: 7 * DAY_MS, cleanupPolicy: 'delete' },
  kernel: { key: 'kernel', name: 'eunomia.kernel.v1', partitions: DEFAULT_PARTITIONS, retentionMs: 7 * DAY_MS, cleanupPolicy: 'delete' },
  container: {
    key: 'container',
    name: 'eunomia.container.v1',
    partitions: DEFAULT_PARTITIONS,
    retentionMs: 30 * DAY_MS,
    cleanupPolicy: 'delete',
  },
  host: { key: 'host', name: 'eunomia.host.v1', partitions: DEFAULT_PARTITIONS, retentionMs: 30 * DAY_MS, cleanupPolicy: 'delete' },
  usage: { key: 'usage', name: 'eunomia.usage.v1', partitions: DEFAULT_PARTITIONS, retentionMs: 7 * DAY_MS, cleanupPolicy: 'delete' },
  alerts: { key: 'alerts', name: 'eunomia.alerts.v1', partitions: DEFAULT_PARTITIONS, retentionMs: 90 * DAY_MS, cleanupPolicy: 'delete' },
  pending: { key: 'pending', name: 'eunomia.pending.v1', partitions: DEFAULT_PARTITIONS, retentionMs: DAY_MS, cleanupPolicy: 'delete' },
  deadletter: {
    key: 'deadletter',
    name: 'eunomia.deadletter.v1',
    partitions: DEFAULT_PARTITIONS,
    retentionMs: 30 * DAY_MS,
    cleanupPolicy: 'delete',
  },
}

const BY_NAME = new Map(Object.values(TOPICS).map((topic) => [topic.name, topic]))

/** Settings of the topic with this name in Kafka, or undefined for one that is not ours. */
export function topicByName(name: string): TopicSettings | undefined {
  return BY_NAME.get(name)
}
