// One member of a group over the memory log: handles each topic batch by batch, and commits outputs and offset in one step.
import { setMaxListeners } from 'node:events'
import { backoffStepMs } from '../../waiting/backoff.js'
import { pause } from '../../waiting/clock.js'
import {
  type BatchResult,
  type ConsumeOptions,
  type OutputRecord,
  type RecordBatch,
  checkBatchResult,
  type TopicConsumer,
} from '../topic-log.js'
import type { TopicKey } from '../topics.js'
import type { GroupPlace, MemoryLogConfig, TopicRecords } from './topic-records.js'

const DEFAULT_BATCH_BYTES = 1024 * 1024

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
    let attempt = 0
    while (!this.#isStopping) {
      const batch = records.read(place.committed, this.#options.maxBatchBytes ?? DEFAULT_BATCH_BYTES)
      if (batch === null) {
        await this.#topicLog.woken(records.topic)
        continue
      }
      try {
        const result = await this.#options.handler(batch, this.#topicLog.closing)
        this.#commit(records, place, batch, result)
        attempt = place.committed > batch.firstOffset ? 0 : attempt + 1
        const { restMs = 0 } = result
        const pauseMs = restMs === 0 && attempt > 0 ? this.#pauseMs(attempt) : restMs
        if (pauseMs > 0) await pause(pauseMs, this.#ending)
      } catch (error) {
        attempt++
        this.#options.onRetry?.(error, records.topic, batch.partition, attempt)
        await pause(this.#pauseMs(attempt), this.#ending)
      }
      // Handlers may resolve within one turn of the event loop, but acknowledgements and timers need the next one.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #commit(records: TopicRecords, place: GroupPlace, batch: RecordBatch, result: BatchResult): void {
    const { nextOffset, outputs } = result
    checkBatchResult(result, batch, this.#options)
    this.#topicLog.appendAll(outputs, (key) => (key === records.topic ? records.freedBy(place, nextOffset) : 0))
    records.commit(place, nextOffset)
    this.#topicLog.move()
  }

  #pauseMs(attempt: number): number {
    const { retryMs, maxRetryMs } = this.#topicLog.config
    return backoffStepMs(attempt, retryMs, maxRetryMs)
  }
}
