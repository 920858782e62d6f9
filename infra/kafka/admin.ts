// Administers a cluster: creates the topics of infra/topic-log/topics.ts, compares them with the existing ones, and reads retention and the
// lag of a group. Never changes an existing topic.
import kafkajs, { type Admin } from 'kafkajs'
import type { Logger } from '../process/logger.js'
import type { PartitionEnds } from '../topic-log/caught-up.js'
import { MAX_AHEAD_MS, TOPIC_KEYS, type TopicKey, TOPICS, type TopicSettings } from '../topic-log/topics.js'
import { Backoff } from '../waiting/backoff.js'
import { kafkajsClient } from './client-options.js'
import { brokersText, groupNameOf, type KafkaConfig, topicNameOf } from './kafka-config.js'
import { hasKafkaLabel, kafkaErrorOf } from './kafka-errors.js'

// About two seconds, enough for a cluster that has just been started.
const RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 }

/** Longest wait for what a cluster finishes after its answer: leaders of new topics, the coordinator of its first group. Milliseconds. */
const SETTLE_MS = 20_000
const NOT_THERE_YET = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'KafkaJSLeaderNotAvailable']
const NO_COORDINATOR_YET = [
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
  'KafkaJSGroupCoordinatorNotFound',
]

/** Properties of topics that depend on the cluster. */
export interface TopicPlacement {
  /** Replicas of each partition; default 1. Use 3 for a cluster of three or more brokers. */
  readonly replicationFactor?: number
  /** Partitions of every topic, instead of the number in infra/topic-log/topics.ts. */
  readonly partitions?: number
}

/** One difference between a topic and its specification. */
export interface TopicDifference {
  readonly topic: string
  readonly problem: 'missing' | 'partitions' | 'replication' | 'setting'
  /** Name of the setting, for `setting`. */
  readonly setting?: string
  readonly wanted: string
  /** Empty for a topic that is missing. */
  readonly actual: string
}

/** Lag of a group in one partition. */
export interface GroupLag {
  readonly topic: TopicKey
  readonly partition: number
  /** Next offset that the group will handle; null when it has none yet. */
  readonly committed: number | null
  /** Of the commit; empty for none. */
  readonly metadata: string
  /** First offset that the topic has. */
  readonly first: number
  readonly end: number
  /** Offsets from `committed`, or from the first record, to `end`; transaction markers count. */
  readonly lag: number
}

/**
 * Creates missing topics and returns their names.
 * @throws KafkaUnreachableError, KafkaRefusedError
 */
export async function createTopics(config: KafkaConfig, placement: TopicPlacement, log: Logger): Promise<string[]> {
  const replicationFactor = placement.replicationFactor ?? 1
  return await withAdmin(config, log, "topics can't be created", async (admin) => {
    const existing = new Set(await admin.listTopics())
    const missing = TOPIC_KEYS.map((key) => ({ settings: TOPICS[key], topic: topicNameOf(config, key) })).filter(
      ({ topic }) => !existing.has(topic),
    )
    if (missing.length === 0) return []
    await admin.createTopics({
      // kafkajs fails if a broker does not know a new topic yet, which takes a moment in KRaft.
      waitForLeaders: false,
      topics: missing.map(({ settings, topic }) => ({
        topic,
        numPartitions: placement.partitions ?? settings.partitions,
        replicationFactor,
        configEntries: Object.entries(topicConfigOf(settings, replicationFactor)).map(([name, value]) => ({ name, value })),
      })),
    })
    const created = missing.map(({ topic }) => topic)
    await settled(NOT_THERE_YET, async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: created })
      return topics.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0))
    })
    return created
  })
}

/** Polls until `holds`, and retries these errors. After SETTLE_MS it returns, or throws the last error. */
async function settled(transient: readonly string[], holds: () => Promise<boolean>): Promise<void> {
  const until = AbortSignal.timeout(SETTLE_MS)
  const backoff = new Backoff(50, 1000)
  for (;;) {
    try {
      if (await holds()) return
      if (!(await backoff.wait(until))) return
    } catch (error) {
      if (!hasKafkaLabel(error, ...transient) || !(await backoff.wait(until))) throw error
    }
  }
}

/**
 * Differences between the cluster's topics and the specified ones; empty when there are none.
 * @throws KafkaUnreachableError, KafkaRefusedError
 */
export async function checkTopics(config: KafkaConfig, placement: TopicPlacement, log: Logger): Promise<TopicDifference[]> {
  return await withAdmin(config, log, "topics can't be checked", async (admin) => {
    const existing = new Set(await admin.listTopics())
    const differences: TopicDifference[] = []
    for (const key of TOPIC_KEYS) {
      const topic = topicNameOf(config, key)
      if (existing.has(topic)) differences.push(...(await differencesOf(admin, topic, TOPICS[key], placement)))
      else differences.push({ topic, problem: 'missing', wanted: 'a topic', actual: '' })
    }
    return differences
  })
}

/**
 * Lag of a group in each partition of these topics.
 * @throws KafkaUnreachableError, KafkaRefusedError, KafkaTopicError
 */
export async function groupLag(config: KafkaConfig, group: string, topics: readonly TopicKey[], log: Logger): Promise<GroupLag[]> {
  return await withAdmin(config, log, `the lag of group ${group} can't be read`, async (admin) => {
    const lags: GroupLag[] = []
    for (const key of topics) {
      const topic = topicNameOf(config, key)
      const ends = await admin.fetchTopicOffsets(topic)
      const committed: Awaited<ReturnType<Admin['fetchOffsets']>> = []
      await settled(NO_COORDINATOR_YET, async () => {
        committed.push(...(await admin.fetchOffsets({ groupId: groupNameOf(config, group), topics: [topic] })))
        return true
      })
      const own = committed[0]?.partitions ?? []
      for (const { partition, low, high } of ends) {
        const commit = own.find((one) => one.partition === partition)
        const offset = Number(commit?.offset ?? -1)
        const [start, end] = [Number(low), Number(high)]
        const lag = Math.max(end - Math.max(offset, start), 0)
        lags.push({
          topic: key,
          partition,
          committed: offset < 0 ? null : offset,
          metadata: commit?.metadata ?? '',
          first: start,
          end,
          lag,
        })
      }
    }
    return lags.sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition)
  })
}

/**
 * Where a topic ends.
 * @throws KafkaUnreachableError, KafkaRefusedError, KafkaTopicError
 */
export async function topicEnds(config: KafkaConfig, key: TopicKey, log: Logger): Promise<PartitionEnds> {
  const name = topicNameOf(config, key)
  return await withAdmin(config, log, `the end of ${name} can't be read`, async (admin) => {
    const offsets = await admin.fetchTopicOffsets(name)
    return offsets.map(({ partition, low, high }) => ({ partition, end: low === high ? 0 : Number(high) }))
  })
}

async function differencesOf(admin: Admin, topic: string, settings: TopicSettings, placement: TopicPlacement): Promise<TopicDifference[]> {
  const differences: TopicDifference[] = []
  const metadata = await admin.fetchTopicMetadata({ topics: [topic] })
  const partitions = metadata.topics[0]?.partitions ?? []
  const wantedPartitions = String(placement.partitions ?? settings.partitions)
  if (String(partitions.length) !== wantedPartitions) {
    differences.push({ topic, problem: 'partitions', wanted: wantedPartitions, actual: String(partitions.length) })
  }
  const replicas = String(Math.min(...partitions.map((partition) => partition.replicas.length)))
  const wantedReplicas = String(placement.replicationFactor ?? replicas)
  if (replicas !== wantedReplicas) differences.push({ topic, problem: 'replication', wanted: wantedReplicas, actual: replicas })

  const wanted = topicConfigOf(settings, placement.replicationFactor ?? Number(replicas))
  const answer = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: Object.keys(wanted) }],
  })
  const actual = new Map(answer.resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]))
  for (const [setting, value] of Object.entries(wanted)) {
    const found = actual.get(setting) ?? ''
    if (found !== value) differences.push({ topic, problem: 'setting', setting, wanted: value, actual: found })
  }
  return differences
}

/**
 * Retention of a topic in the cluster, milliseconds; null if it is unlimited or the topic does not exist.
 * @throws KafkaUnreachableError, KafkaRefusedError
 */
export async function topicRetentionMs(config: KafkaConfig, key: TopicKey, log: Logger): Promise<number | null> {
  const name = topicNameOf(config, key)
  return await withAdmin(config, log, `the retention of ${name} can't be read`, async (admin) => {
    if (!(await admin.listTopics()).includes(name)) return null
    const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: ['retention.ms'] }
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] })
    const value = Number(resources[0]?.configEntries[0]?.configValue)
    return Number.isFinite(value) && value >= 0 ? value : null
  })
}

async function withAdmin<T>(config: KafkaConfig, log: Logger, failure: string, action: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafkajsClient(config, log, RETRY).admin({ retry: RETRY })
  try {
    await admin.connect()
    return await action(admin)
  } catch (cause) {
    throw kafkaErrorOf(cause, `${failure} at ${brokersText(config)}`)
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

// A record that contains another one (dead letter, pending event) is larger than the megabyte of a batch.
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024
const LONG_MAX = 9_223_372_036_854_775_807n
/** Above the publisher's bound, because its estimate of broker time may be off by a minute. */
const REFUSED_AHEAD_MS = MAX_AHEAD_MS + 60_000

/** Kafka's settings of a topic. */
function topicConfigOf(settings: TopicSettings, replicationFactor: number): Readonly<Record<string, string>> {
  return {
    'cleanup.policy': settings.isCompacted ? 'compact' : 'delete',
    'retention.ms': String(settings.retentionMs),
    'max.message.bytes': String(MAX_MESSAGE_BYTES),
    'message.timestamp.type': settings.timestampType,
    // The publisher gives refused records an earlier time. Records of functions must never be refused for their time.
    'message.timestamp.after.max.ms': String(settings.writer === 'functions' ? LONG_MAX : REFUSED_AHEAD_MS),
    // With three replicas, writes continue while one is unavailable.
    'min.insync.replicas': String(replicationFactor >= 3 ? 2 : 1),
  }
}
