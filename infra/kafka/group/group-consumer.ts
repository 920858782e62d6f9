// Reads topics as a member of a group, until it is stopped, or for good fails because trying again can't help (no rights, no such topic).
// Connects the parts: the membership says which partitions, a lane reads each of them, the committer commits for all.
import { randomUUID } from 'node:crypto'
import type { EunomiaError } from '../../process/errors.js'
import type { Logger } from '../../process/logger.js'
import { OutageLog } from '../../process/outage-log.js'
import { type ConsumeOptions, isReader, type OutputRecord, type TopicConsumer } from '../../topic-log/topic-log.js'
import { TOPIC_KEYS, type TopicKey } from '../../topic-log/topics.js'
import { Backoff } from '../../waiting/backoff.js'
import { within } from '../../waiting/clock.js'
import { aborted, orAborted } from '../../waiting/signals.js'
import type { PartitionLag } from '../fetch/fetched.js'
import { Fetcher } from '../fetch/fetcher.js'
import { brokersText, groupNameOf, topicKeyOf, topicNameOf, type KafkaConfig } from '../kafka-config.js'
import { kafkaErrorOf, KafkaTopicError, KafkaUnreachableError } from '../kafka-errors.js'
import { partitionKey } from '../partitions.js'
import type { KafkaTransport } from '../transport.js'
import { Committer } from './committer.js'
import { GroupOffsets } from './group-offsets.js'
import { Lane, type LaneDeps } from './lane.js'
import { Membership } from './membership.js'
import { type Outputs, outputsByPartition } from './output-batches.js'
import type { Partitions } from './subscription.js'
import { transactionalIdsOf } from './transactional-producer.js'

const DEFAULT_SESSION_MS = 15_000
/** Longer than a restart. */
const STATIC_SESSION_MS = 60_000
const REBALANCE_MS = 60_000
/** How long a stop may take after the handlers have finished. */
const LEAVE_MS = 5_000
/** A topic that was made a moment ago is not known to every broker yet. */
const TOPIC_GRACE_ATTEMPTS = 4
/** Nor is any topic to a broker that has just started. Milliseconds. */
const TOPIC_GRACE_MS = 30_000

/** A group member over a transport, which it connects and ends. */
export class GroupConsumer implements TopicConsumer {
  readonly done: Promise<void>
  readonly #config: KafkaConfig
  readonly #options: ConsumeOptions
  readonly #transport: KafkaTransport
  readonly #log: Logger
  readonly #outage: OutageLog
  readonly #topics: readonly string[]
  /** Topics of the outputs, as far as they are named. */
  readonly #outputs: readonly string[]
  readonly #stop = new AbortController()
  /** Ends the membership, after the lanes have ended. */
  readonly #end = new AbortController()
  readonly #failure = new AbortController()
  readonly #fetcher: Fetcher
  readonly #membership: Membership
  readonly #committer: Committer
  readonly #laneDeps: LaneDeps
  /** By `partitionKey`; also those that are being given away. */
  readonly #lanes = new Map<string, Lane>()
  /** The ends of lanes that were lost, whose handlers may still work. */
  readonly #endings = new Map<string, Promise<void>>()
  #assigned: Partitions = new Map()
  #takenOver: Promise<void> = Promise.resolve()
  /** When lanes missed their topic, monotonic milliseconds. */
  readonly #missing = { sinceMs: -Infinity, lastMs: -Infinity }

  constructor(config: KafkaConfig, options: ConsumeOptions, transport: KafkaTransport, log: Logger) {
    this.#config = config
    this.#options = options
    this.#transport = transport
    this.#log = log
    const facts = { brokers: brokersText(config), group: options.group }
    this.#outage = new OutageLog(log, facts, 'Kafka gives no records, trying again', 'Kafka gives records again')
    this.#topics = options.topics.map((key) => topicNameOf(config, key))
    this.#outputs = (options.outputs ?? []).map((key) => topicNameOf(config, key))
    const clientId = config.clientId ?? 'eunomia'
    const group = groupNameOf(config, options.group)
    const instanceId = config.instanceId ?? null
    const sessionTimeoutMs = config.sessionTimeoutMs ?? (instanceId === null ? DEFAULT_SESSION_MS : STATIC_SESSION_MS)
    this.#fetcher = this.#newFetcher(clientId)
    this.#membership = new Membership({
      transport,
      settings: { clientId, group, instanceId, sessionTimeoutMs, rebalanceTimeoutMs: REBALANCE_MS },
      topics: this.#topics,
      listener: {
        held: () => partitionsOf(this.#lanes.values()),
        assigned: (partitions) => this.#take(partitions),
        lost: () => this.#lose(),
        late: (ms) => options.onLate?.(ms / 1000),
        failed: (error) => this.#outage.failed(error),
        succeeded: () => this.#outage.succeeded(),
      },
      errorOf: (cause) => this.#errorOf(cause),
      log,
    })
    const outputTopics = (options.outputs ?? TOPIC_KEYS).map((key) => topicNameOf(config, key))
    const offsets = new GroupOffsets({
      ...{ transport, clientId, group, from: options.from, outputTopics, log },
      onWaited: ({ topic, partition }, ms) => options.onOwnerWait?.(this.#keyOf(topic), partition, ms / 1000),
    })
    this.#committer = new Committer({
      transport,
      clientId,
      group,
      transactionalIds: transactionalIdsOf(group, instanceId ?? randomUUID()),
      membership: this.#membership,
      offsets,
      onRetry: (error, { topic, partition }, attempt) => options.onRetry?.(error, this.#keyOf(topic), partition, attempt),
      onRefused: (error) => this.#laneFailed(error),
      log,
    })
    this.#laneDeps = {
      options,
      fetcher: this.#fetcher,
      committer: this.#committer,
      offsets: this.#afterTakeOver(offsets),
      reached: new Map(),
      place: (outputs) => this.#placed(outputs),
      onFailed: (error) => this.#laneFailed(error),
      log,
    }
    this.done = this.#run()
    // Whoever awaits it later still gets the failure; until then it is no unhandled one.
    this.done.catch(() => undefined)
  }

  #newFetcher(clientId: string): Fetcher {
    const { fetchBytes } = this.#config
    const { maxBatchBytes } = this.#options
    return new Fetcher(
      this.#transport,
      {
        clientId,
        keyOf: (topic) => this.#keyOf(topic),
        onLag: (lag) => this.#lags(lag),
        ...(fetchBytes !== undefined && { maxBytes: fetchBytes }),
        ...(maxBatchBytes !== undefined && { maxPartitionBytes: maxBatchBytes }),
      },
      this.#log,
    )
  }

  /** Lanes read their offsets after the ids were taken over: what the process of before left open holds them back. */
  #afterTakeOver(offsets: GroupOffsets): LaneDeps['offsets'] {
    return {
      start: async (place, signal) => {
        await orAborted(this.#takenOver, signal)
        signal.throwIfAborted()
        return await offsets.start(place, signal)
      },
    }
  }

  async stop(reason: string): Promise<void> {
    if (!this.#stop.signal.aborted) this.#log.debug({ group: this.#options.group, reason }, 'leaving the group')
    this.#stop.abort()
    await this.done.catch(() => undefined)
  }

  async #run(): Promise<void> {
    try {
      await this.#connect()
      if (this.#stop.signal.aborted) return
      if (this.#config.instanceId !== undefined && !isReader(this.#options)) this.#takenOver = this.#committer.takeOver()
      const membership = this.#membership.run(this.#end.signal)
      membership.catch(() => undefined)
      await Promise.race([membership, aborted(this.#stop.signal), aborted(this.#failure.signal)])
      if (this.#failure.signal.aborted) throw this.#failure.signal.reason
    } finally {
      await this.#finish()
    }
  }

  /** Connects and finds the topics, however long the cluster is away. */
  async #connect(): Promise<void> {
    const backoff = new Backoff(100, 5_000)
    while (!this.#stop.signal.aborted) {
      try {
        await this.#transport.connect([...new Set([...this.#topics, ...this.#outputs])])
        return
      } catch (cause) {
        const error = this.#errorOf(cause)
        const isGrace = error instanceof KafkaTopicError && backoff.attempts < TOPIC_GRACE_ATTEMPTS
        if (!error.isRetryable && !isGrace) throw error
        this.#outage.failed(error)
        await backoff.wait(this.#stop.signal)
      }
    }
  }

  /** The handlers finish what they are working on, which is committed if the cluster is there; then the member leaves. */
  async #finish(): Promise<void> {
    const lanes = [...this.#lanes.values()]
    const ends = Promise.all(lanes.map((lane) => lane.give(false)))
    await Promise.all([...lanes.map((lane) => lane.handled()), ...this.#endings.values()])
    await within(LEAVE_MS, ends)
    // Without heartbeats: one that is answered after the leave would join again.
    this.#end.abort()
    await within(LEAVE_MS, this.#membership.leave()).catch(() => undefined)
    const closed = this.#committer.close()
    await this.#fetcher.close()
    await this.#transport.disconnect().catch(() => undefined)
    await closed
    await ends
  }

  /** Starts the lanes of an assignment, and gives away what is not in it. */
  #take(assigned: Partitions): void {
    this.#assigned = assigned
    if (this.#stop.signal.aborted) return
    const wanted = new Set<string>()
    for (const [topic, partitions] of assigned) {
      for (const partition of partitions) {
        wanted.add(partitionKey(topic, partition))
        this.#start(topic, partition)
      }
    }
    for (const [id, lane] of this.#lanes) if (!wanted.has(id)) void this.#give(id, lane)
  }

  #start(topic: string, partition: number): void {
    const id = partitionKey(topic, partition)
    if (this.#lanes.has(id)) return
    const before = this.#endings.get(id) ?? Promise.resolve()
    this.#lanes.set(id, new Lane(this.#laneDeps, { topic, partition, key: this.#keyOf(topic), id }, before))
  }

  async #give(id: string, lane: Lane): Promise<void> {
    await lane.give(true)
    if (this.#lanes.get(id) !== lane) return
    this.#lanes.delete(id)
    const { topic, partition } = lane.place
    // It may have come back meanwhile.
    if (this.#assigned.get(topic)?.includes(partition) === true) this.#start(topic, partition)
    else this.#membership.rejoin()
  }

  #lose(): void {
    for (const [id, lane] of this.#lanes) {
      lane.lose()
      const ending = lane.done.finally(() => {
        if (this.#endings.get(id) === ending) this.#endings.delete(id)
      })
      this.#endings.set(id, ending)
    }
    this.#lanes.clear()
    this.#assigned = new Map()
  }

  /** The partitions of outputs. A topic that is written for the first time is looked up. */
  async #placed(outputs: readonly OutputRecord[]): Promise<Outputs> {
    const unknown = new Set(outputs.map(({ topic }) => topicNameOf(this.#config, topic)).filter((topic) => this.#count(topic) === 0))
    if (unknown.size > 0) await this.#transport.connect([...unknown])
    return outputsByPartition(outputs, (key) => {
      const topic = topicNameOf(this.#config, key)
      const partitions = this.#count(topic)
      if (partitions === 0) throw new KafkaUnreachableError(`the partitions of ${topic} are not known yet`)
      return { topic, partitions }
    })
  }

  #count(topic: string): number {
    return this.#transport.partitionCount(topic)
  }

  #keyOf(topic: string): TopicKey {
    const key = topicKeyOf(this.#config, topic)
    if (key === undefined) throw new TypeError(`${topic} is not a topic of this cluster`)
    return key
  }

  #lags({ topic, partition, highWatermark, position, timestampMs }: PartitionLag): void {
    // What a lane holds, or gave back to be fetched again later, is before the position of the fetcher.
    const unfinished = this.#lanes.get(partitionKey(topic, partition))?.unfinished
    const first = unfinished !== undefined && unfinished.offset < position ? unfinished : { offset: position, timestampMs }
    const records = Math.max(0, highWatermark - first.offset)
    const ageMs = first.timestampMs === null ? null : Math.max(0, Date.now() - first.timestampMs)
    const seconds = records === 0 ? 0 : ageMs === null ? null : ageMs / 1000
    this.#options.onLag?.(this.#keyOf(topic), partition, records, seconds)
  }

  #laneFailed(cause: unknown): void {
    const error = this.#errorOf(cause)
    if (!error.isRetryable && !(error instanceof KafkaTopicError && this.#isGrace())) this.#failure.abort(error)
    this.#log.debug({ group: this.#options.group, error: error.message }, 'a partition can not be read yet')
    void this.#transport.refresh().catch(() => undefined)
  }

  /** A partition's topic is missing again, but not for long. */
  #isGrace(): boolean {
    const nowMs = performance.now()
    if (nowMs - this.#missing.lastMs > TOPIC_GRACE_MS) this.#missing.sinceMs = nowMs
    this.#missing.lastMs = nowMs
    return nowMs - this.#missing.sinceMs <= TOPIC_GRACE_MS
  }

  #errorOf(cause: unknown): EunomiaError {
    const { group } = this.#options
    const names = this.#topics.join(', ')
    const error = kafkaErrorOf(cause, `group ${group} can't read ${names} at ${brokersText(this.#config)}`)
    if (!(error instanceof KafkaTopicError)) return error
    const all = [...new Set([...this.#topics, ...this.#outputs])].join(', ')
    return new KafkaTopicError(`one of the topics ${all} is not there at ${brokersText(this.#config)}: run "eunomia topics create"`, {
      cause,
    })
  }
}

function partitionsOf(lanes: Iterable<Lane>): Partitions {
  const partitions = new Map<string, number[]>()
  for (const { place } of lanes) partitions.set(place.topic, [...(partitions.get(place.topic) ?? []), place.partition])
  return partitions
}
