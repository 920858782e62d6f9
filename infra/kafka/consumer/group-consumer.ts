// Reads topics as a group, for ever: connects, joins, and after a failure of the cluster begins anew with growing pauses. Ends when it is
// stopped, or for good when trying again can't help (no rights, no such topic).
import type { Consumer, ConsumerCrashEvent } from 'kafkajs'
import type { EunomiaError } from '../../process/errors.js'
import type { Logger } from '../../process/logger.js'
import { isReader, type ConsumeOptions, type TopicConsumer } from '../../topic-log/topic-log.js'
import { Backoff } from '../../waiting/backoff.js'
import { within } from '../../waiting/clock.js'
import { aborted } from '../../waiting/signals.js'
import { kafkajsClient, type OffsetResetListener } from '../client-options.js'
import { registerCodecs } from '../compression.js'
import { brokersText, groupNameOf, topicKeyOf, topicNameOf, type KafkaConfig } from '../kafka-config.js'
import { hasKafkaLabel, kafkaErrorOf, KafkaTopicError } from '../kafka-errors.js'
import { KafkaCluster } from '../kafkajs-internals/cluster.js'
import { OutageLog } from '../../process/outage-log.js'
import { GroupSession, HEARTBEAT_MS } from './group-session.js'
import { HandledOffsets } from './handled-offsets.js'

const DEFAULT_BATCH_BYTES = 1024 * 1024
const DEFAULT_SESSION_MS = 15_000
const REBALANCE_MS = 60_000
// How long a fetch waits for records at the broker; also how long a stop may wait for a fetch under way.
const FETCH_WAIT_MS = 500
// A topic that was made a moment ago is not known to every broker yet.
const TOPIC_GRACE_ATTEMPTS = 4
const LEAVE_MS = 10_000
// What kafkajs tries by itself before this file begins anew.
const RETRY = { retries: 4, initialRetryTime: 100, maxRetryTime: 1_000 }

/** A group member that comes back after failures. */
export class GroupConsumer implements TopicConsumer {
  readonly done: Promise<void>
  readonly #config: KafkaConfig
  readonly #options: ConsumeOptions
  readonly #log: Logger
  readonly #outage: OutageLog
  readonly #stop = new AbortController()
  readonly #handled: HandledOffsets | null
  /** The member that we were before a failure; the group still counts on it until its session ends. */
  #formerMember: string | undefined

  constructor(config: KafkaConfig, options: ConsumeOptions, log: Logger) {
    this.#config = config
    this.#options = options
    this.#handled = isReader(options) ? new HandledOffsets() : null
    this.#log = log
    const facts = { brokers: brokersText(config), group: options.group }
    this.#outage = new OutageLog(log, facts, 'Kafka gives no records, trying again', 'Kafka gives records again')
    this.done = this.#run()
    // Whoever awaits it later still gets the failure; until then it is no unhandled one.
    this.done.catch(() => undefined)
  }

  async stop(reason: string): Promise<void> {
    if (!this.#stop.signal.aborted) this.#log.debug({ group: this.#options.group, reason }, 'leaving the group')
    this.#stop.abort()
    await this.done.catch(() => undefined)
  }

  async #run(): Promise<void> {
    registerCodecs()
    const backoff = new Backoff(100, 5_000)
    while (!this.#stop.signal.aborted) {
      const error = await this.#session(backoff)
      if (error === undefined) return
      const isGrace = error instanceof KafkaTopicError && backoff.attempts < TOPIC_GRACE_ATTEMPTS
      if (!error.isRetryable && !isGrace) throw error
      this.#outage.failed(error)
      await backoff.wait(this.#stop.signal)
    }
  }

  /** One membership. Gives undefined when it was stopped, else why it ended. */
  async #session(backoff: Backoff): Promise<EunomiaError | undefined> {
    const cluster = new KafkaCluster(this.#config, this.#log, { retries: 2, initialRetryTime: 50, maxRetryTime: 500 })
    const consumer = this.#consumer()
    const parts = { config: this.#config, options: this.#options, handled: this.#handled, log: this.#log }
    const session = new GroupSession({ ...parts, consumer, cluster })
    try {
      const crashed = crashOf(consumer)
      const stopped = stopOf(this.#stop.signal)
      await consumer.connect()
      await this.#removeFormerMember(cluster)
      if (this.#options.from === 'latest') await cluster.beginAtEnd(groupNameOf(this.#config, this.#options.group), this.#topicNames)
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        this.#formerMember = payload.memberId
        backoff.reset()
        this.#outage.succeeded()
      })
      await consumer.subscribe({
        topics: [...this.#topicNames],
        fromBeginning: this.#options.from === 'earliest',
      })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 1,
        eachBatch: session.eachBatch,
      })
      const crash = await Promise.race([crashed, stopped])
      if (crash === undefined) await session.finish()
      else throw crash
      return undefined
    } catch (cause) {
      return this.#stop.signal.aborted ? undefined : this.#errorOf(cause)
    } finally {
      session.dispose()
      await within(LEAVE_MS, consumer.disconnect()).catch(() => undefined)
      await cluster.disconnect().catch(() => undefined)
    }
  }

  // kafkajs leaves a group only when it ends in good order. After a failure our former member would hold up the new one for a whole session.
  // A coordinator that is not ready fails the session: the next one tries again.
  async #removeFormerMember(cluster: KafkaCluster): Promise<void> {
    if (this.#formerMember === undefined) return
    try {
      await cluster.removeMember(groupNameOf(this.#config, this.#options.group), this.#formerMember)
    } catch (error) {
      if (!hasKafkaLabel(error, 'UNKNOWN_MEMBER_ID')) throw error
    }
    this.#formerMember = undefined
  }

  get #topicNames(): readonly string[] {
    return this.#options.topics.map((key) => topicNameOf(this.#config, key))
  }

  #consumer(): Consumer {
    return kafkajsClient(this.#config, this.#log, RETRY, this.#offsetReset).consumer({
      groupId: groupNameOf(this.#config, this.#options.group),
      sessionTimeout: this.#config.sessionTimeoutMs ?? DEFAULT_SESSION_MS,
      rebalanceTimeout: REBALANCE_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxBytesPerPartition: this.#options.maxBatchBytes ?? DEFAULT_BATCH_BYTES,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      allowAutoTopicCreation: false,
      readUncommitted: false,
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
    })
  }

  readonly #offsetReset: OffsetResetListener = (topic, partition, from, to) => {
    const { group, onMissed } = this.#options
    const records = to - from
    this.#handled?.forget(topic, partition)
    this.#log.error({ group, topic, partition, from, to, records }, 'the offset of a group is not in the topic, it goes on at another one')
    const key = topicKeyOf(this.#config, topic)
    // Below zero: the topic was made anew or lost its end, and what was handled is not read again.
    if (key !== undefined && records > 0) onMissed?.(key, partition, records)
  }

  #errorOf(cause: unknown): EunomiaError {
    const { group } = this.#options
    const names = this.#topicNames.join(', ')
    const error = kafkaErrorOf(cause, `group ${group} can't read ${names} at ${brokersText(this.#config)}`)
    if (!(error instanceof KafkaTopicError)) return error
    return new KafkaTopicError(`one of the topics ${names} is not there at ${brokersText(this.#config)}: run "eunomia topics create"`, {
      cause,
    })
  }
}

async function crashOf(consumer: Consumer): Promise<Error> {
  return await new Promise((resolve) => {
    consumer.on(consumer.events.CRASH, (event: ConsumerCrashEvent) => resolve(event.payload.error))
  })
}

async function stopOf(signal: AbortSignal): Promise<undefined> {
  await aborted(signal)
}
