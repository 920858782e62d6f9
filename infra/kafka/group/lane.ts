// The lane of one partition: fetch, handle, commit, one after the other, and rest after a failure. No lane waits for another one.
//
//    start -> fetching -> handling -> committing --> fetching, or the rest of the same batch
//                ^           |            |
//                +- resting -+------------+
//
// It ends by `give` (the member still has the partition: what is finished is committed) or by `lose` (it may be somebody else's).
import { messageOf } from '../../process/errors.js'
import type { Logger } from '../../process/logger.js'
import { checkBatchResult, type ConsumeOptions, isReader, type OutputRecord } from '../../topic-log/topic-log.js'
import type { TopicKey } from '../../topic-log/topics.js'
import { Backoff } from '../../waiting/backoff.js'
import { pause } from '../../waiting/clock.js'
import type { Fetched, FetchedBatch } from '../fetch/fetched.js'
import type { Fetcher } from '../fetch/fetcher.js'
import type { Committer } from './committer.js'
import type { GroupOffsets } from './group-offsets.js'
import type { Outputs } from './output-batches.js'

/** A lane that rests longer gives back the bytes of its batch, and fetches it again. Milliseconds. */
const HOLD_MS = 1_000

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
  #handled: Promise<unknown> = Promise.resolve()
  #isLost = false

  /** @param before the end of an earlier lane of the same partition, whose handler may still work */
  constructor(deps: LaneDeps, place: LanePlace, before: Promise<void>) {
    this.#deps = deps
    this.place = place
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
    this.#deps.committer.drop(this.place.topic, this.place.partition)
  }

  /** Resolves when the handler has finished what it was given. */
  async handled(): Promise<void> {
    await this.#handled
  }

  get #isEnding(): boolean {
    return this.#end.signal.aborted
  }

  async #run(): Promise<void> {
    const { fetcher, onFailed } = this.#deps
    const { topic, partition } = this.place
    const { signal } = this.#end
    const backoff = new Backoff(50, 2_000)
    let isAdded = false
    while (!this.#isEnding) {
      try {
        if (!isAdded) fetcher.add({ topic, partition, offset: await this.#start() })
        isAdded = true
        await this.#take(await fetcher.next(topic, partition, signal))
        backoff.reset()
      } catch (error) {
        if (this.#isEnding) break
        onFailed(error)
        await backoff.wait(signal)
      }
    }
    if (isAdded) fetcher.remove(topic, partition)
  }

  /** The first offset. A group that starts at the end commits it, or it would skip what comes before its first commit. */
  async #start(): Promise<number> {
    const { offsets, options, reached } = this.#deps
    const { id } = this.place
    const { offset, isCommitted } = await offsets.start(this.place, this.#end.signal)
    const start = Math.max(offset, reached.get(id) ?? 0)
    const isNew = !isCommitted && options.from === 'latest'
    if (isNew) reached.set(id, start)
    if (isNew || start > offset) this.#finished(start)
    return start
  }

  async #take(fetched: Fetched): Promise<void> {
    switch (fetched.kind) {
      case 'passed':
        this.#finished(fetched.nextOffset)
        break
      case 'reset':
        this.#reset(fetched)
        break
      case 'damaged':
        await this.#passDamaged(fetched)
        break
      case 'records':
        try {
          await this.#handle(fetched.batch, fetched.nextOffset)
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
      const { isWhole, restMs } = await this.#handleOnce(batch, nextOffset)
      if (this.#isEnding) return
      const isLong = restMs > HOLD_MS
      const offset = batch.firstOffset
      if (isWhole || isLong) batch.release()
      if (restMs > 0) await pause(restMs, this.#end.signal)
      if (isLong && !isWhole && !this.#isEnding) fetcher.seek({ topic, partition, offset })
      if (isWhole || isLong) return
    }
  }

  /** One call of the handler, and the commit of what it finished. What is finished of the batch is skipped. */
  async #handleOnce(batch: FetchedBatch, nextOffset: number): Promise<{ readonly isWhole: boolean; readonly restMs: number }> {
    const { options } = this.#deps
    try {
      batch.rewind()
      const handled = options.handler(batch, this.#handling.signal)
      this.#handled = handled.catch(() => undefined)
      const result = await handled
      checkBatchResult(result, batch, options)
      if (this.#isLost) return { isWhole: false, restMs: 0 }
      const { restMs = 0 } = result
      if (result.nextOffset === batch.firstOffset) return { isWhole: false, restMs: restMs > 0 ? restMs : this.#backoff.next() }
      const isWhole = result.nextOffset > batch.lastOffset
      await this.#commit(isWhole ? nextOffset : result.nextOffset, result.outputs, isWhole ? batch : undefined)
      this.#backoff.reset()
      if (!isWhole) batch.skipTo(result.nextOffset)
      return { isWhole, restMs }
    } catch (error) {
      const restMs = this.#backoff.next()
      if (!this.#isEnding) this.#retryLater(error, restMs)
      return { isWhole: false, restMs }
    }
  }

  /**
   * Records below the offset are finished.
   * @param whole the batch of which nothing is left: other lanes get its bytes while this one waits. Outputs are copies (`BatchResult`).
   */
  async #commit(offset: number, outputs: readonly OutputRecord[], whole?: FetchedBatch): Promise<void> {
    const { committer, place: placeOf } = this.#deps
    const { topic, partition } = this.place
    if (outputs.length === 0) return this.#finished(offset)
    const placed = await placeOf(outputs)
    whole?.release()
    if (!this.#isLost) await committer.commit({ topic, partition, offset }, placed, () => this.#isEnding)
  }

  #finished(offset: number): void {
    const { committer, options, reached } = this.#deps
    const { id, topic, partition } = this.place
    if (isReader(options)) reached.set(id, offset)
    if (!this.#isLost) committer.finished({ topic, partition, offset })
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

  #reset({ from, to, records }: Extract<Fetched, { kind: 'reset' }>): void {
    const { log, options, reached } = this.#deps
    const { id, key, partition, topic } = this.place
    reached.delete(id)
    const facts = { group: options.group, topic, partition, from, to, records: to - from }
    log.error(facts, 'the offset of a group is not in the topic, it goes on at another one')
    if (records > 0) options.onMissed?.(key, partition, records)
    this.#finished(to)
  }

  /** A batch that can't be read: what the owner of the group makes of it is committed with the offset after it, however often it takes. */
  async #passDamaged({ bytes, firstOffset, nextOffset, reason }: Extract<Fetched, { kind: 'damaged' }>): Promise<void> {
    const { log, options } = this.#deps
    const { key, partition, topic } = this.place
    const lastOffset = nextOffset - 1
    log.error({ group: options.group, topic, partition, firstOffset, lastOffset, reason }, 'a batch is damaged, the group goes on after it')
    let outputs: readonly OutputRecord[] | undefined
    while (!this.#isEnding) {
      try {
        outputs ??= [options.onDamaged?.({ topic: key, partition, firstOffset, lastOffset, reason, bytes }) ?? []].flat()
        await this.#commit(nextOffset, outputs)
        this.#backoff.reset()
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
