// One member of a group over the memory log: handles each topic batch by batch, and commits outputs and offset in one step.
import { setMaxListeners } from 'node:events'
import { backoffStepMs } from '../../waiting/backoff.js'
import { pause } from '../../waiting/clock.js'
import { orAborted } from '../../waiting/signals.js'
import { DeferredPartition } from '../deferred-partition.js'
import {
  type BatchResult,
  type ConsumeOptions,
  type OutputRecord,
  type RecordBatch,
  checkBatchResult,
  refuseUndeclaredOutput,
  type TopicConsumer,
} from '../topic-log.js'
import type { TopicKey } from '../topics.js'
import type { GroupPlace, MemoryLogConfig, TopicRecords } from './topic-records.js'

const DEFAULT_BATCH_BYTES = 1024 * 1024

/** A group in a topic while it reads. */
interface Reading {
  readonly records: TopicRecords
  readonly place: GroupPlace
  /** Undefined when what the handler finishes is committed at once. */
  readonly deferred: DeferredPartition | undefined
  /** Next offset to read. */
  position: number
}

/** The part of the memory log that a consumer uses. */
export interface ConsumerLog {
  topic(key: TopicKey): TopicRecords
  /** Resolves when the topic has new records, a group place becomes free, or the log closes. */
  woken(key: TopicKey): Promise<void>
  /** Wakes consumers of the topic. */
  wake(key: TopicKey): void
  /** A group has committed, so appenders may have room. */
  move(): void
  /**
   * Appends all outputs, or throws LogFullError and appends none.
   * @param freed bytes of a topic that the next commit frees, so that a group can always append to the topic that it reads
   */
  appendAll(outputs: readonly OutputRecord[], freed: (key: TopicKey) => number): void
  readonly closing: AbortSignal
  readonly config: MemoryLogConfig
}

/** One member of a group. */
export class MemoryConsumer implements TopicConsumer {
  readonly done: Promise<void>
  readonly #topicLog: ConsumerLog
  readonly #options: ConsumeOptions
  readonly #stop = new AbortController()
  /** Aborts with a stop or with the log. Created once, because each one leaves a listener on the log's signal. */
  readonly #ending: AbortSignal

  constructor(topicLog: ConsumerLog, options: ConsumeOptions) {
    this.#topicLog = topicLog
    this.#options = options
    this.#ending = AbortSignal.any([this.#stop.signal, topicLog.closing])
    setMaxListeners(0, this.#ending) // one for each topic that pauses
    const places = options.topics.map((key) => ({ key, place: topicLog.topic(key).place(options.group, options.from) }))
    this.done = Promise.all(places.map(({ key, place }) => this.#readTopic(key, place))).then(() => undefined)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    for (const topic of this.#options.topics) this.#topicLog.wake(topic)
    await this.done
  }

  get #isStopping(): boolean {
    return this.#ending.aborted
  }

  async #readTopic(key: TopicKey, place: GroupPlace): Promise<void> {
    while (place.isTaken && !this.#isStopping) await this.#topicLog.woken(key)
    if (this.#isStopping) return
    place.isTaken = true
    try {
      await this.#readPlace(this.#topicLog.topic(key), place)
    } finally {
      place.isTaken = false
      this.#topicLog.wake(key)
    }
  }

  async #readPlace(records: TopicRecords, place: GroupPlace): Promise<void> {
    const reading = { records, place, position: place.committed, deferred: this.#defer(records, place) }
    const { deferred } = reading
    let attempt = 0
    while (!this.#isStopping) {
      let batch: RecordBatch | null = null
      try {
        await deferred?.assign(this.#ending)
        if (deferred?.isFull === true) await this.#awaitRoom(deferred)
        if (this.#isStopping) break
        if (deferred?.isRewinding === true) reading.position = deferred.rewound()
        batch = records.read(reading.position, this.#options.maxBatchBytes ?? DEFAULT_BATCH_BYTES)
        if (batch === null) {
          await this.#topicLog.woken(records.topic)
          continue
        }
        const delivered = deferred?.deliver(batch) ?? batch
        const result = await this.#options.handler(delivered, this.#topicLog.closing, deferred)
        this.#commit(reading, delivered, result)
        attempt = reading.position > batch.firstOffset ? 0 : attempt + 1
        const { restMs = 0 } = result
        const pauseMs = restMs === 0 && attempt > 0 ? this.#pauseMs(attempt) : restMs
        if (pauseMs > 0) await pause(pauseMs, this.#ending)
      } catch (error) {
        deferred?.advance(reading.position)
        attempt++
        this.#options.onRetry?.(error, records.topic, batch?.partition ?? 0, attempt)
        await pause(this.#pauseMs(attempt), this.#ending)
      }
      // Handlers may resolve within one turn of the event loop, but acknowledgements and timers need the next one.
      await new Promise((resolve) => setImmediate(resolve))
    }
    await deferred?.end(false)
  }

  #defer(records: TopicRecords, place: GroupPlace): DeferredPartition | undefined {
    const { deferred } = this.#options
    if (deferred === undefined) return undefined
    const start = { topic: records.topic, partition: 0, nextOffset: place.committed, metadata: place.metadata, isCommitted: true }
    return new DeferredPartition(deferred, start, {
      commit: ({ metadata, offset }) => {
        records.commit(place, offset, metadata)
        this.#topicLog.move()
      },
      finish: ({ metadata, offset }, outputs) => {
        return new Promise((resolve) => {
          refuseUndeclaredOutput(this.#options, outputs)
          this.#topicLog.appendAll(outputs, (key) => (key === records.topic ? records.freedBy(place, offset) : 0))
          records.commit(place, offset, metadata)
          this.#topicLog.move()
          resolve(true)
        })
      },
      everyMs: 0,
      rewind: () => this.#topicLog.wake(records.topic),
    })
  }

  async #awaitRoom(deferred: DeferredPartition): Promise<void> {
    this.#options.deferred?.onPaused?.(deferred.topic, deferred.partition)
    await orAborted(deferred.room(), this.#ending)
  }

  #commit(reading: Reading, batch: RecordBatch, result: BatchResult): void {
    const { deferred, place, records } = reading
    const { confirmed, nextOffset, outputs } = result
    checkBatchResult(result, batch, this.#options)
    const freed = (key: TopicKey): number => (key === records.topic ? records.freedBy(place, nextOffset) : 0)
    this.#topicLog.appendAll(outputs, deferred === undefined ? freed : () => 0)
    reading.position = nextOffset
    if (deferred !== undefined) return deferred.advance(nextOffset, confirmed)
    records.commit(place, nextOffset)
    this.#topicLog.move()
  }

  #pauseMs(attempt: number): number {
    const { retryMs, maxRetryMs } = this.#topicLog.config
    return backoffStepMs(attempt, retryMs, maxRetryMs)
  }
}
