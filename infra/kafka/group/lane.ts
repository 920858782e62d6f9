// The lane of one partition: fetch and handle, one after the other, and rest after a failure. No lane waits for another one.
//
//    start -> fetching -> handling --> fetching, or the rest of the same batch
//                ^           |
//                +- resting -+
//
// Commits follow in the same order, while the lane goes on (lane-commits.ts); with deferred commits, they follow the confirmations.
// It ends by `give` (the member still has the partition: what is finished is committed) or by `lose` (it may be somebody else's).
import { messageOf } from '../../process/errors.js'
import type { Logger } from '../../process/logger.js'
import { DeferredPartition } from '../../topic-log/deferred-partition.js'
import {
  checkBatchResult,
  type ConsumeOptions,
  isReader,
  type OffsetRange,
  type OutputRecord,
  refuseUndeclaredOutput,
} from '../../topic-log/topic-log.js'
import type { TopicKey } from '../../topic-log/topics.js'
import { Backoff } from '../../waiting/backoff.js'
import { pause, within } from '../../waiting/clock.js'
import { orAborted } from '../../waiting/signals.js'
import type { Fetched, FetchedBatch } from '../fetch/fetched.js'
import type { Fetcher } from '../fetch/fetcher.js'
import type { Committer } from './committer.js'
import type { GroupOffsets, GroupStart } from './group-offsets.js'
import { LaneCommits, type UnfinishedRecord } from './lane-commits.js'
import type { Outputs } from './output-batches.js'

/** A lane that rests longer gives back the bytes of its batch, and fetches it again. Milliseconds. */
const HOLD_MS = 1_000
const NO_OUTPUTS: Outputs = new Map()
/** Time in which confirmations are collected, milliseconds. */
const CONFIRM_MS = 100

/** What lanes share. */
export interface LaneDeps {
  readonly options: ConsumeOptions
  readonly fetcher: Pick<Fetcher, 'add' | 'remove' | 'next' | 'seek'>
  readonly committer: Pick<Committer, 'commit' | 'finished' | 'flush' | 'leave' | 'drop'>
  readonly offsets: Pick<GroupOffsets, 'start'>
  /** How far this process has come, by lane: what a failure kept from being committed. */
  readonly reached: Map<string, number>
  readonly place: (outputs: readonly OutputRecord[]) => Promise<Outputs>
  /** The partition can't be read, now or for good. */
  readonly onFailed: (error: unknown) => void
  readonly log: Logger
}

/** Where a lane reads. */
export interface LanePlace {
  /** Name in Kafka. */
  readonly topic: string
  readonly partition: number
  readonly key: TopicKey
  /** `partitionKey`. */
  readonly id: string
}

export class Lane {
  readonly place: LanePlace
  readonly done: Promise<void>
  readonly #deps: LaneDeps
  readonly #end = new AbortController()
  /** The signal of the handler. */
  readonly #handling = new AbortController()
  /** Of the handler. */
  readonly #backoff = new Backoff(100, 30_000)
  readonly #commits: LaneCommits
  #handled: Promise<unknown> = Promise.resolve()
  #isLost = false
  #deferred: DeferredPartition | undefined
  /** An item of the fetcher is worked on. */
  #isTaking = false
  /** The first record that is taken from the fetcher and not finished. */
  #open: UnfinishedRecord | undefined

  /** @param before the end of an earlier lane of the same partition, whose handler may still work */
  constructor(deps: LaneDeps, place: LanePlace, before: Promise<void>) {
    this.#deps = deps
    this.place = place
    const { committer } = deps
    const { partition, topic } = place
    this.#commits = new LaneCommits({
      commit: async (offset, outputs) =>
        !this.#isLost && (await committer.commit({ topic, partition, offset }, outputs, () => this.#isEnding)),
      finished: (offset) => {
        if (!this.#isLost) committer.finished({ topic, partition, offset })
      },
    })
    this.done = before.then(() => this.#run())
  }

  /**
   * Ends it with everything finished committed; resolves then.
   * @param isUrgent ends the waits of the handler: another member wants the partition
   */
  async give(isUrgent: boolean): Promise<void> {
    const { committer } = this.#deps
    const { topic, partition } = this.place
    this.#end.abort()
    if (isUrgent) this.#handling.abort()
    committer.leave(topic, partition)
    await this.done
    if (!this.#isLost) await committer.flush(topic, partition)
  }

  /** Ends it without a commit. */
  lose(): void {
    this.#isLost = true
    this.#end.abort()
    this.#handling.abort()
    this.#deferred?.close()
    this.#deps.committer.drop(this.place.topic, this.place.partition)
  }

  /** Resolves when the handler has finished what it was given. */
  async handled(): Promise<void> {
    await this.#handled
  }

  /** The first record that is not finished, also while its bytes are given back; undefined if that is the next one to be fetched. */
  get unfinished(): UnfinishedRecord | undefined {
    if (this.#isEnding) return undefined
    return this.#commits.first ?? this.#deferred?.first ?? this.#open
  }

  get #isEnding(): boolean {
    return this.#end.signal.aborted
  }

  async #run(): Promise<void> {
    const { fetcher, onFailed } = this.#deps
    const { topic, partition } = this.place
    const { signal } = this.#end
    const backoff = new Backoff(50, 2_000)
    let start: number | undefined
    let isAdded = false
    while (!this.#isEnding) {
      try {
        start ??= await this.#start()
        await this.#deferred?.assign(signal)
        if (this.#isEnding) break
        if (!isAdded) fetcher.add({ topic, partition, offset: start })
        isAdded = true
        const fetched = await fetcher.next(topic, partition, signal)
        await this.#take(fetched)
        if (this.#deferred?.isRewinding === true) fetcher.seek({ topic, partition, offset: this.#deferred.rewound() })
        backoff.reset()
      } catch (error) {
        if (this.#isEnding) break
        onFailed(error)
        await backoff.wait(signal)
      }
    }
    if (isAdded) fetcher.remove(topic, partition)
    await this.#commits.done()
    await this.#deferred?.end(this.#isLost)
  }

  /** The first offset. A group that starts at the end commits it, or it would skip what comes before its first commit. */
  async #start(): Promise<number> {
    const { offsets, options, reached } = this.#deps
    const { id } = this.place
    const begin = await offsets.start(this.place, this.#end.signal)
    if (options.deferred !== undefined) return this.#defer(begin)
    const { offset, isCommitted } = begin
    const start = Math.max(offset, reached.get(id) ?? 0)
    const isNew = !isCommitted && options.from === 'latest'
    if (isNew) reached.set(id, start)
    if (isNew || start > offset) this.#finished(start)
    return start
  }

  /** Starts deferred commits there; its owner gets the partition before the next records. */
  #defer({ offset, metadata, isCommitted }: GroupStart): number {
    const { committer, fetcher, options, place } = this.#deps
    const { key, partition, topic } = this.place
    if (options.deferred === undefined || this.#isEnding) return offset
    const start = { topic: key, partition, nextOffset: offset, metadata, isCommitted }
    this.#deferred?.close()
    this.#deferred = new DeferredPartition(options.deferred, start, {
      commit: (commit) => committer.finished({ topic, partition, ...commit }),
      finish: async (commit, outputs) => {
        refuseUndeclaredOutput(options, outputs)
        const placed = await place(outputs)
        return !this.#isLost && (await committer.commit({ topic, partition, ...commit }, placed, () => this.#isEnding))
      },
      everyMs: CONFIRM_MS,
      rewind: () => {
        // The loop waits for records: it gets some, and finds out. At its end it has removed the partition, which stays so.
        const first = this.#deferred?.first
        if (first !== undefined && !this.#isTaking && !this.#isEnding) fetcher.seek({ topic, partition, offset: first.offset })
      },
    })
    return offset
  }

  async #take(fetched: Fetched): Promise<void> {
    this.#isTaking = true
    try {
      await this.#takeItem(fetched)
    } finally {
      this.#isTaking = false
    }
  }

  async #takeItem(fetched: Fetched): Promise<void> {
    this.#open = undefined
    // Where reading continues, it is fetched again.
    const isDropped = this.#deferred?.isRewinding === true
    switch (fetched.kind) {
      case 'passed':
        if (!isDropped) this.#finished(fetched.nextOffset)
        break
      case 'reset':
        await this.#reset(fetched)
        break
      case 'damaged':
        if (!isDropped) await this.#passDamaged(fetched)
        break
      case 'records':
        this.#commits.reads(fetched.isBehind === true)
        try {
          if (!isDropped) await this.#handle(fetched.batch, fetched.nextOffset)
        } finally {
          fetched.batch.release()
        }
    }
  }

  /** Passes a batch to the handler until all of it is finished, or the lane ends, or its bytes are given back for a long rest. */
  async #handle(batch: FetchedBatch, nextOffset: number): Promise<void> {
    const { fetcher } = this.#deps
    const { topic, partition } = this.place
    while (!this.#isEnding) {
      this.#open = { offset: batch.firstOffset, timestampMs: batch.firstTimestampMs }
      if (this.#deferred?.isFull === true && !(await this.#awaitRoom(this.#deferred, batch))) return
      if (this.#deferred?.isRewinding === true) return
      const { isWhole, restMs } = await this.#handleOnce(batch, nextOffset)
      if (this.#isEnding) return
      const isLong = restMs > HOLD_MS
      const offset = batch.firstOffset
      if (isWhole || isLong) batch.release()
      if (restMs > 0) await pause(restMs, this.#end.signal)
      if (isLong && !isWhole && !this.#isEnding) fetcher.seek({ topic, partition, offset })
      if (isWhole) this.#open = undefined
      if (isWhole || isLong) return
    }
  }

  /** Too much is not confirmed. @returns false if the lane ends, or the batch was given back for a long wait */
  async #awaitRoom(deferred: DeferredPartition, batch: FetchedBatch): Promise<boolean> {
    const { fetcher, options } = this.#deps
    const { key, partition, topic } = this.place
    const { signal } = this.#end
    options.deferred?.onPaused?.(key, partition)
    if (await within(HOLD_MS, orAborted(deferred.room(), signal))) return !this.#isEnding
    const offset = batch.firstOffset
    batch.release()
    await orAborted(deferred.room(), signal)
    if (!this.#isEnding && !deferred.isRewinding) fetcher.seek({ topic, partition, offset })
    return false
  }

  /** One call of the handler, and the commit of what it finished. What is finished of the batch is skipped. */
  async #handleOnce(batch: FetchedBatch, nextOffset: number): Promise<{ readonly isWhole: boolean; readonly restMs: number }> {
    const { options } = this.#deps
    try {
      batch.rewind()
      const delivered = this.#deferred?.deliver(batch) ?? batch
      const handled = options.handler(delivered, this.#handling.signal, this.#deferred)
      this.#handled = handled.catch(() => undefined)
      const result = await handled
      checkBatchResult(result, delivered, options)
      if (this.#isLost) return { isWhole: false, restMs: 0 }
      const { confirmed, restMs = 0 } = result
      if (result.nextOffset === batch.firstOffset) {
        this.#deferred?.advance(batch.firstOffset)
        return { isWhole: false, restMs: restMs > 0 ? restMs : this.#backoff.next() }
      }
      const isWhole = result.nextOffset > batch.lastOffset
      const offset = isWhole ? nextOffset : result.nextOffset
      await this.#commit(offset, result.outputs, { confirmed, ...(isWhole && { whole: batch }) })
      this.#backoff.reset()
      if (!isWhole) batch.skipTo(result.nextOffset)
      return { isWhole, restMs }
    } catch (error) {
      this.#deferred?.advance(batch.firstOffset)
      const restMs = this.#backoff.next()
      if (!this.#isEnding) this.#retryLater(error, restMs)
      return { isWhole: false, restMs }
    }
  }

  /**
   * Records below the offset are finished.
   * @param whole the batch of which nothing is left: other lanes get its bytes while this one waits. Outputs are copies (`BatchResult`).
   */
  async #commit(
    offset: number,
    outputs: readonly OutputRecord[],
    { confirmed, whole }: { readonly confirmed?: readonly OffsetRange[] | undefined; readonly whole?: FetchedBatch } = {},
  ): Promise<void> {
    const { committer, place: placeOf } = this.#deps
    const { topic, partition } = this.place
    if (outputs.length === 0) return this.#finished(offset, confirmed)
    const placed = await placeOf(outputs)
    whole?.release()
    if (this.#isLost) return
    if (this.#deferred === undefined) {
      const outputBytes = outputs.reduce((sum, { key, value }) => sum + key.length + value.length, 0)
      this.#commits.add({ offset, outputs: placed, outputBytes, first: this.#firstOf(offset) })
      return await this.#commits.room()
    }
    const isCommitted = await committer.commit({ topic, partition, offset }, placed, () => this.#isEnding, true)
    if (isCommitted) this.#finished(offset, confirmed)
  }

  #finished(offset: number, confirmed?: readonly OffsetRange[]): void {
    const { options, reached } = this.#deps
    if (this.#deferred !== undefined) return this.#deferred.advance(offset, confirmed)
    if (isReader(options)) reached.set(this.place.id, offset)
    this.#commits.add({ offset, outputs: NO_OUTPUTS, outputBytes: 0, first: this.#firstOf(offset) })
  }

  #firstOf(offset: number): UnfinishedRecord {
    return this.#open ?? { offset, timestampMs: null }
  }

  #retryLater(error: unknown, pauseMs: number): void {
    const { log, options } = this.#deps
    const { key, partition, topic } = this.place
    const attempt = this.#backoff.attempts
    options.onRetry?.(error, key, partition, attempt)
    log.warn(
      { topic, partition, attempt, pauseMs: Math.round(pauseMs), error: messageOf(error) },
      'a batch could not be handled, it is tried again',
    )
  }

  async #reset({ from, to, records }: Extract<Fetched, { kind: 'reset' }>): Promise<void> {
    const { log, options, reached } = this.#deps
    const { id, key, partition, topic } = this.place
    reached.delete(id)
    const facts = { group: options.group, topic, partition, from, to, records: to - from }
    log.error(facts, 'the offset of a group is not in the topic, it goes on at another one')
    if (records > 0) {
      options.onMissed?.(key, partition, records)
      this.#deferred?.skipped([from, to], 'expired')
    }
    if (this.#deferred !== undefined && to < from) {
      // What its owner confirms from now on are other records with the same offsets.
      await this.#deferred.end(true)
      this.#defer({ offset: to, metadata: '', isCommitted: false })
    } else this.#finished(to)
  }

  /** A batch that can't be read: what the owner of the group makes of it is committed with the offset after it, however often it takes. */
  async #passDamaged({ bytes, firstOffset, nextOffset, reason }: Extract<Fetched, { kind: 'damaged' }>): Promise<void> {
    const { log, options } = this.#deps
    const { key, partition, topic } = this.place
    const lastOffset = nextOffset - 1
    log.error({ group: options.group, topic, partition, firstOffset, lastOffset, reason }, 'a batch is damaged, the group goes on after it')
    let outputs: readonly OutputRecord[] | undefined
    this.#open = { offset: firstOffset, timestampMs: null }
    while (!this.#isEnding) {
      try {
        outputs ??= [options.onDamaged?.({ topic: key, partition, firstOffset, lastOffset, reason, bytes }) ?? []].flat()
        await this.#commit(nextOffset, outputs)
        this.#deferred?.skipped([firstOffset, nextOffset], 'damaged')
        this.#backoff.reset()
        this.#open = undefined
        return
      } catch (error) {
        if (this.#isEnding) return
        // What follows must not be committed before: its offset would pass the damage.
        const restMs = this.#backoff.next()
        this.#retryLater(error, restMs)
        await pause(restMs, this.#end.signal)
      }
    }
  }
}
