// One call of a function on a part of a batch: its outputs, bounded in bytes, which records failed, and whether it threw. Decides nothing.
import { isRetryable, EunomiaError } from '../../infra/process/errors.js'
import type { OutputRecord } from '../../infra/topic-log/topic-log.js'
import { TOPICS, type TopicKey } from '../../infra/topic-log/topics.js'
import type { BatchRange } from './batch-range.js'
import { deadLetterBytes, failureOf } from './dead-letter.js'

/** Bounds of what one batch may emit. */
export interface OutputBounds {
  /** Largest value of one record; default 1,000,000 bytes, slightly below what Kafka brokers accept. */
  readonly maxRecordBytes?: number
  /**
   * Most bytes that one call of a function may emit; default 1,200,000. What is appended together is at most half as much again, and may all
   * go to one partition, where it is one batch: it must stay below the max.message.bytes of our topics, 2 MiB.
   */
  readonly maxBatchBytes?: number
}

/** The default bounds. */
export const DEFAULT_OUTPUT_BOUNDS = { maxRecordBytes: 1_000_000, maxBatchBytes: 1_200_000 }

/** An output that a broker would refuse. */
export class OutputTooLargeError extends EunomiaError {
  static override readonly code = 'EUNOMIA_FUNCTION_FAILED'

  constructor(topic: TopicKey, bytes: number, maxBytes: number) {
    super(`the record for ${TOPICS[topic].name} has ${String(bytes)} bytes, more than the ${String(maxBytes)} that a topic accepts`, {
      details: { topic, bytes, maxBytes },
    })
  }
}

/** A batch emits more than is appended together: it must be handled in smaller parts. */
export class OutputsFullError extends EunomiaError {
  static override readonly code = 'EUNOMIA_FUNCTION_FAILED'
}

/** Collects outputs in the order in which they were emitted. */
export class Outputs {
  readonly #records: OutputRecord[] = []
  readonly #indexes: number[] = []
  readonly #maxRecordBytes: number
  readonly #maxBatchBytes: number
  #bytes = 0

  constructor(bounds: OutputBounds = {}) {
    this.#maxRecordBytes = bounds.maxRecordBytes ?? DEFAULT_OUTPUT_BOUNDS.maxRecordBytes
    this.#maxBatchBytes = bounds.maxBatchBytes ?? DEFAULT_OUTPUT_BOUNDS.maxBatchBytes
  }

  /**
   * @param index record of the fetched batch that the output belongs to
   * @throws OutputTooLargeError, OutputsFullError
   */
  add(index: number, output: OutputRecord): void {
    const bytes = output.value.length + output.key.length
    if (bytes > this.#maxRecordBytes) throw new OutputTooLargeError(output.topic, bytes, this.#maxRecordBytes)
    this.reserve(bytes)
    this.#records.push(output)
    this.#indexes.push(index)
  }

  /** Counts bytes that will be appended with the outputs. @throws OutputsFullError */
  reserve(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBatchBytes) {
      throw new OutputsFullError(`the outputs of one batch exceed ${String(this.#maxBatchBytes)} bytes`)
    }
    this.#bytes += bytes
  }

  /** Takes what belongs to records before `index`, and drops the rest. */
  take(index: number): OutputRecord[] {
    return this.#records.filter((_, at) => (this.#indexes[at] ?? index) < index)
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes
  }
}

/** Records of an attempt that can't be processed, by their index in the fetched batch. */
export type Failures = ReadonlyMap<number, unknown>

/** How an attempt ended. */
export type AttemptOutcome =
  /** Every record before `finishedTo` is finished; `retryable` says why the rest is not. */
  | {
      readonly kind: 'handled'
      readonly finishedTo: number
      readonly outputs: readonly OutputRecord[]
      readonly failures: Failures
      readonly retryable: unknown
      readonly restMs: number
    }
  | { readonly kind: 'threw'; readonly error: unknown }
  /** Nothing is finished; the batch must be delivered again after `restMs`. */
  | { readonly kind: 'deferred'; readonly restMs: number }
  /** The outputs reached their bound at the record `index`: nothing is finished, fewer records must be handled at once. */
  | { readonly kind: 'full'; readonly index: number; readonly error: OutputsFullError }

/** What the runtime records while a function handles a part of a batch. */
export class Attempt {
  readonly range: BatchRange
  readonly outputs: Outputs
  readonly #failures = new Map<number, unknown>()
  #restMs = 0
  #deferMs: number | undefined
  #full: { readonly index: number; readonly error: OutputsFullError } | undefined
  #retryable: { readonly index: number; readonly error: unknown } | undefined

  constructor(range: BatchRange, bounds: OutputBounds) {
    this.range = range
    this.outputs = new Outputs(bounds)
  }

  /** Adds an output of the current record; one that belongs to no record belongs to the last. */
  emit(output: OutputRecord): void {
    const index = this.#currentIndex()
    this.#bounded(index, () => this.outputs.add(index, output))
  }

  /** Notes that the current record can't be processed. The first error of a record counts. @throws OutputsFullError */
  fail(error: unknown): void {
    const index = this.#currentIndex()
    if (!isRetryable(error)) {
      if (this.#failures.has(index)) return
      // A flood of tiny unreadable records becomes dead letters of many times their bytes.
      this.#bounded(index, () => this.outputs.reserve(deadLetterBytes(this.range.batch, failureOf(error, 1))))
      this.#failures.set(index, error)
    } else if (this.#retryable === undefined || index < this.#retryable.index) {
      this.#retryable = { index, error }
    }
  }

  /** Notes that nothing may be finished before `ms` have passed. */
  defer(ms: number): void {
    this.#deferMs = Math.max(this.#deferMs ?? 0, ms)
  }

  /** Notes how long the partition must rest. */
  rest(ms: number): void {
    this.#restMs = Math.max(this.#restMs, ms)
  }

  /** Calls the function. */
  async run(handle: () => Promise<void>): Promise<AttemptOutcome> {
    this.range.rewind()
    try {
      await handle()
    } catch (error) {
      if (this.#full === undefined) return { kind: 'threw', error }
    }
    // Also when the function goes on: its later outputs are missing.
    if (this.#full !== undefined) return { kind: 'full', ...this.#full }
    if (this.#deferMs !== undefined) return { kind: 'deferred', restMs: this.#deferMs }
    const finishedTo = this.#retryable?.index ?? this.range.to
    const failures = new Map([...this.#failures].filter(([index]) => index < finishedTo).sort(([a], [b]) => a - b))
    return {
      kind: 'handled',
      finishedTo,
      outputs: this.outputs.take(finishedTo),
      failures,
      retryable: this.#retryable?.error,
      restMs: this.#restMs,
    }
  }

  #bounded(index: number, add: () => void): void {
    try {
      add()
    } catch (error) {
      if (error instanceof OutputsFullError) this.#full ??= { index, error }
      throw error
    }
  }

  #currentIndex(): number {
    const { index, from, to } = this.range
    return index < from || index >= to ? to - 1 : index
  }
}
