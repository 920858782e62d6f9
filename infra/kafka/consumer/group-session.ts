// One membership in a group, from joining to leaving or failing: takes batches from kafkajs, lets the handler work, commits what came of it.
// A batch is never lost and its outputs are never written twice; without outputs it may be handled twice, but not what a reader has finished.
import type { Consumer, EachBatchPayload } from 'kafkajs'
import { messageOf } from '../../process/errors.js'
import type { Logger } from '../../process/logger.js'
import { type BatchResult, type ConsumeOptions, isReader, checkBatchResult } from '../../topic-log/topic-log.js'
import type { TopicKey } from '../../topic-log/topics.js'
import { Backoff } from '../../waiting/backoff.js'
import { topicKeyOf, type KafkaConfig } from '../kafka-config.js'
import { hasKafkaLabel } from '../kafka-errors.js'
import { type KafkaCluster, rejoinError } from '../kafkajs-internals/cluster.js'
import { BatchHeartbeat } from './batch-heartbeat.js'
import type { HandledOffsets } from './handled-offsets.js'
import { MessageBatch } from './message-batch.js'
import { partitionKey } from '../partitions.js'
import { PartitionTransactions, type TransactionContent } from './partition-transactions.js'
import { PendingCommits } from './pending-commits.js'

/** Time between two heartbeats; also how soon a member notices that the group is put together anew. */
export const HEARTBEAT_MS = 1_000
const COMMIT_EVERY_MS = 250

/** After these answers kafkajs sets out to join again (its isRebalancing(), and Runner.scheduleFetchManager()). */
const REJOINING = ['REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']

interface Lane {
  readonly transactions: PartitionTransactions
  readonly backoff: Backoff
  isBusy: boolean
}

/** What a session stands on. */
export interface GroupSessionDeps {
  readonly config: KafkaConfig
  readonly options: ConsumeOptions
  readonly consumer: Consumer
  readonly cluster: KafkaCluster
  /** What a reader handled in the memberships before; null for who has outputs. */
  readonly handled: HandledOffsets | null
  readonly log: Logger
}

export class GroupSession {
  readonly #deps: GroupSessionDeps
  readonly #commits: PendingCommits
  readonly #lanes = new Map<string, Lane>()
  readonly #resumes = new Set<NodeJS.Timeout>()
  /** Counts how often the group was put together; a result of an earlier time is dropped. */
  #generation = 0
  #isRejoining = false
  #isStopping = false
  #working: Promise<void> = Promise.resolve()

  constructor(deps: GroupSessionDeps) {
    this.#deps = deps
    const { consumer, log } = deps
    this.#commits = new PendingCommits(
      (offsets) => consumer.commitOffsets([...offsets]),
      COMMIT_EVERY_MS,
      (error) => log.debug({ group: deps.options.group, error: messageOf(error) }, 'offsets could not be committed yet'),
    )
    consumer.on(consumer.events.REBALANCING, () => this.#rejoining())
    consumer.on(consumer.events.GROUP_JOIN, () => this.#joined())
  }

  /** kafkajs' eachBatch. Throws only what kafkajs' heartbeat threw or could have thrown: after some of it kafkajs joins again. */
  readonly eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { topic, partition } = payload.batch
    const key = topicKeyOf(this.#deps.config, topic)
    const lane = this.#lane(topic, partition)
    // A batch that is left alone is fetched again.
    if (key === undefined || this.#isStopping || lane.isBusy) return
    // kafkajs goes on with its old assignment, and without a word, when a join of its own failed half way: told again, it joins again.
    if (this.#isRejoining) throw rejoinError()
    lane.isBusy = true
    const heartbeat = new BatchHeartbeat(payload.heartbeat, HEARTBEAT_MS)
    const work = this.#handle(payload, key, lane, heartbeat).finally(() => {
      lane.isBusy = false
      heartbeat.stop()
    })
    this.#working = work.catch(() => undefined)
    await work
    if (heartbeat.error === undefined) await heartbeat.beatNow()
    if (heartbeat.error === undefined) return
    // Set before kafkajs' worker takes its next batch, which would still be one of the old generation. After any other error, as of a connection
    // that broke, kafkajs goes on as the same member and does not join.
    if (hasKafkaLabel(heartbeat.error, ...REJOINING)) this.#isRejoining = true
    if (!heartbeat.signal.aborted) await this.#flushQuietly()
    throw heartbeat.error
  }

  /** Finishes the batch under way and commits what is finished; nothing new is begun. */
  async finish(): Promise<void> {
    this.#isStopping = true
    await this.#working
    await this.#flushQuietly()
    this.dispose()
  }

  /** Ends timers. */
  dispose(): void {
    this.#isStopping = true
    this.#commits.clear()
    for (const timer of this.#resumes) clearTimeout(timer)
    this.#resumes.clear()
  }

  async #handle(payload: EachBatchPayload, key: TopicKey, lane: Lane, heartbeat: BatchHeartbeat): Promise<void> {
    const generation = this.#generation
    const { topic, partition, messages: fetched, highWatermark } = payload.batch
    const messages = this.#deps.handled?.rest(topic, partition, fetched, Number(highWatermark)) ?? fetched
    if (messages.length === 0) return this.#finished(payload, Number(payload.batch.lastOffset()) + 1)
    const batch = new MessageBatch(key, partition, messages)
    try {
      const result = await this.#deps.options.handler(batch, heartbeat.signal)
      checkBatchResult(result, batch, this.#deps.options)
      if (result.nextOffset === batch.firstOffset) {
        const { restMs = 0 } = result
        this.#rest(payload, restMs > 0 ? restMs : lane.backoff.next())
        return
      }
      this.#deps.handled?.add(topic, partition, result.nextOffset)
      if (heartbeat.signal.aborted || generation !== this.#generation) return
      const nextOffset = committedOffsetOf(result, batch, payload.batch.lastOffset())
      const hasOutputs = result.outputs.length > 0
      if (hasOutputs) await this.#commits.leave(topic, partition)
      if (heartbeat.signal.aborted || generation !== this.#generation) return
      const movedTo = await this.#commitOf(lane, hasOutputs, { firstOffset: batch.firstOffset, nextOffset, outputs: result.outputs })
      if (generation !== this.#generation) return
      if (movedTo !== undefined) {
        this.#deps.log.info({ topic, partition, from: batch.firstOffset, to: movedTo }, 'another member finished these records')
        this.#deps.consumer.seek({ topic, partition, offset: String(movedTo) })
        return
      }
      if (hasOutputs) payload.resolveOffset(String(nextOffset - 1))
      else this.#finished(payload, nextOffset)
      lane.backoff.reset()
      if (result.restMs !== undefined && result.restMs > 0) this.#rest(payload, result.restMs)
    } catch (error) {
      if (generation === this.#generation) this.#retryLater(payload, key, lane, error)
    }
  }

  /** Nothing came of everything below `nextOffset`, which is committed with the next ones. */
  #finished({ batch: { topic, partition }, resolveOffset }: EachBatchPayload, nextOffset: number): void {
    this.#commits.add(topic, partition, nextOffset)
    resolveOffset(String(nextOffset - 1))
  }

  /** Commits outputs, or makes sure that their plain offset may be committed. Gives where the group stands when that is further. */
  async #commitOf({ transactions }: Lane, hasOutputs: boolean, content: TransactionContent): Promise<number | undefined> {
    if (hasOutputs) return await transactions.commit(content)
    return isReader(this.#deps.options) ? undefined : await transactions.settle(content.firstOffset)
  }

  // The partition rests, the others go on; kafkajs fetches again from the last record that was finished.
  #rest(payload: EachBatchPayload, ms: number): void {
    const resume = payload.pause()
    const timer = setTimeout(() => {
      this.#resumes.delete(timer)
      resume()
    }, ms)
    this.#resumes.add(timer)
  }

  #retryLater(payload: EachBatchPayload, key: TopicKey, lane: Lane, error: unknown): void {
    const { partition } = payload.batch
    const pauseMs = lane.backoff.next()
    this.#rest(payload, pauseMs)
    this.#deps.options.onRetry?.(error, key, partition, lane.backoff.attempts)
    this.#deps.log.warn(
      { topic: payload.batch.topic, partition, attempt: lane.backoff.attempts, pauseMs: Math.round(pauseMs), error: messageOf(error) },
      'a batch could not be handled, it is tried again',
    )
  }

  #rejoining(): void {
    this.#isRejoining = true
    void this.#flushQuietly()
  }

  #joined(): void {
    this.#generation++
    this.#isRejoining = false
    // What was not committed is fetched again from the committed offset, by us or by another member.
    this.#commits.clear()
    for (const lane of this.#lanes.values()) lane.transactions.reset()
  }

  async #flushQuietly(): Promise<void> {
    await this.#commits.flush().catch((error: unknown) => {
      this.#deps.log.debug(
        { group: this.#deps.options.group, error: messageOf(error) },
        'offsets could not be committed; the records are handled again',
      )
    })
  }

  #lane(topic: string, partition: number): Lane {
    const key = partitionKey(topic, partition)
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      const transactions = new PartitionTransactions(this.#deps, topic, partition)
      lane = { transactions, backoff: new Backoff(100, 30_000), isBusy: false }
      this.#lanes.set(key, lane)
    }
    return lane
  }
}

// A batch that is finished as a whole ends behind the markers and aborted records that follow it.
function committedOffsetOf(result: BatchResult, batch: MessageBatch, lastFetchedOffset: string): number {
  return result.nextOffset > batch.lastOffset ? Number(lastFetchedOffset) + 1 : result.nextOffset
}
