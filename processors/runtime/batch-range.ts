// A part of a fetched batch, walked in place: whole or, when the function throws, bisected; and what the function sees of it.
// Counts in record indexes of the fetched batch.
import type { RecordBatch } from '../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import type { ProjectedDecode as Decode } from '../../schemas/codec.js'
import { RecordUnreadableError } from '../../schemas/record-errors.js'
import type { EventBatch } from '../function.js'

/** A range as a function sees it. */
export class RangeEventBatch implements EventBatch {
  readonly topic: TopicKey
  readonly length: number
  readonly #range: BatchRange

  constructor(range: BatchRange) {
    this.topic = range.batch.topic
    this.length = range.length
    this.#range = range
  }

  next(): boolean {
    return this.#range.next()
  }

  rewind(): void {
    this.#range.rewind()
  }

  get timestampMs(): number {
    return this.#range.batch.timestampMs
  }

  get bytes(): Uint8Array {
    const { batch } = this.#range
    return this.#isTombstone ? batch.valueBytes.subarray(0, 0) : batch.valueBytes.subarray(batch.valueStart, batch.valueEnd)
  }

  value<Value>(decode: Decode<Value>): Value {
    const { batch } = this.#range
    if (this.#isTombstone) throw new RecordUnreadableError('it has no value', { topic: this.topic, offset: 0 })
    return decode(batch.valueBytes, batch.valueStart, batch.valueEnd)
  }

  get #isTombstone(): boolean {
    return this.#range.batch.valueStart < 0
  }
}

/** The records [from, to) of a batch. Ranges of one batch share its cursor: rewind before use. */
export class BatchRange {
  readonly batch: RecordBatch
  readonly from: number
  readonly to: number
  #isBehind = false

  constructor(batch: RecordBatch, from = 0, to = batch.length) {
    this.batch = batch
    this.from = from
    this.to = to
  }

  /** Number of records. */
  get length(): number {
    return this.to - this.from
  }

  /** Index of the current record in the fetched batch; `from - 1` in front of the first, `to` behind the last. */
  get index(): number {
    return this.#isBehind ? this.to : this.batch.index
  }

  /** Moves to the next record; false behind the last. */
  next(): boolean {
    if (this.#isBehind || this.batch.index + 1 >= this.to || !this.batch.next()) {
      this.#isBehind = true
      return false
    }
    return true
  }

  /** Moves in front of the first record. */
  rewind(): void {
    this.#isBehind = false
    this.moveTo(this.from - 1)
  }

  /** Moves the cursor to the record with this index of the fetched batch. */
  moveTo(index: number): void {
    if (this.batch.index > index) this.batch.rewind()
    while (this.batch.index < index && this.batch.next());
  }

  /** Offset of the record with this index; behind the last record of the batch, the offset that follows it. */
  offsetAt(index: number): number {
    if (index >= this.batch.length) return this.batch.lastOffset + 1
    this.moveTo(index)
    return this.batch.offset
  }

  /** This range from `index` on. */
  startingAt(index: number): BatchRange {
    return new BatchRange(this.batch, index, this.to)
  }

  /** Both halves of a range of two records or more. */
  halves(): readonly [BatchRange, BatchRange] {
    const middle = this.from + Math.ceil(this.length / 2)
    return [new BatchRange(this.batch, this.from, middle), new BatchRange(this.batch, middle, this.to)]
  }
}
