// One call of a function on a part of a batch: what it gave, which records failed, and whether it threw. Decides nothing.
import { isRetryable } from '../../infra/process/errors.js'
import type { OutputRecord } from '../../infra/topic-log/topic-log.js'
import type { BatchRange } from './batch-range.js'
import { deadLetterBytes } from './dead-letter.js'
import { Outputs, type OutputBounds } from './outputs.js'
import { failureOf } from './record-failure.js'

/** Records of an attempt that can't be processed, by their index in the fetched batch. */
export type Failures = ReadonlyMap<number, unknown>

/** How an attempt ended. */
export type AttemptOutcome =
  /** Every record in front of `finishedTo` is finished; `retryable` says why the rest is not. */
  | {
      readonly kind: 'handled'
      readonly finishedTo: number
      readonly outputs: readonly OutputRecord[]
      readonly failures: Failures
      readonly retryable: unknown
      readonly restMs: number
    }
  | { readonly kind: 'threw'; readonly error: unknown }
  /** Nothing is finished; the batch is to be offered again after `restMs`. */
  | { readonly kind: 'deferred'; readonly restMs: number }

/** What the runtime notes while a function handles a part of a batch. */
export class Attempt {
  readonly range: BatchRange
  readonly outputs: Outputs
  readonly #failures = new Map<number, unknown>()
  #restMs = 0
  #deferMs: number | undefined
  #retryable: { readonly index: number; readonly error: unknown } | undefined

  constructor(range: BatchRange, bounds: OutputBounds) {
    this.range = range
    this.outputs = new Outputs(bounds)
  }

  /** Adds an output of the current record; one that belongs to no record belongs to the last. */
  emit(output: OutputRecord): void {
    this.outputs.add(this.#currentIndex(), output)
  }

  /** Notes that the current record can't be processed. The first error of a record stands. @throws OutputsFullError */
  fail(error: unknown): void {
    const index = this.#currentIndex()
    if (!isRetryable(error)) {
      if (this.#failures.has(index)) return
      // A flood of tiny records that can't be read becomes dead letters of many times their bytes.
      this.outputs.reserve(deadLetterBytes(this.range.batch, failureOf(error, 1)))
      this.#failures.set(index, error)
    } else if (this.#retryable === undefined || index < this.#retryable.index) {
      this.#retryable = { index, error }
    }
  }

  /** Notes that nothing is to be finished before `ms` have passed. */
  defer(ms: number): void {
    this.#deferMs = Math.max(this.#deferMs ?? 0, ms)
  }

  /** Notes how long the partition shall rest. */
  rest(ms: number): void {
    this.#restMs = Math.max(this.#restMs, ms)
  }

  /** Calls the function. */
  async run(handle: () => Promise<void>): Promise<AttemptOutcome> {
    this.range.rewind()
    try {
      await handle()
    } catch (error) {
      return { kind: 'threw', error }
    }
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

  #currentIndex(): number {
    const { index, from, to } = this.range
    return index < from || index >= to ? to - 1 : index
  }
}
