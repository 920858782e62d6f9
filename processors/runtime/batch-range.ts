// A part of a fetched batch, iterated in place: the whole batch, or a half after the function threw; and the function's view of it.
// Indexes are those of records in the fetched batch.
import type { RecordBatch } from '../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import type { ProjectedDecode as Decode } from '../../schemas/codec.js'
import { RecordForeignError, RecordUnreadableError } from '../../schemas/record-errors.js'
import type { EventBatch } from '../function.js'

/** Longest part of a hostile key or host id in a message. */
const MAX_QUOTED_BYTES = 100

/** A function's view of a range. */
export class RangeEventBatch implements EventBatch {
  readonly topic: TopicKey
  readonly partition: number
  readonly length: number
  readonly #range: BatchRange

  constructor(range: BatchRange) {
    this.topic = range.batch.topic
    this.partition = range.batch.partition
    this.length = range.length
    this.#range = range
  }

  next(): boolean {
    return this.#range.next()
  }

  rewind(): void {
    this.#range.rewind()
  }

  get offset(): number {
    return this.#range.batch.offset
  }

  get timestampMs(): number {
    return this.#range.batch.timestampMs
  }

  get bytes(): Uint8Array {
    const { batch } = this.#range
    return this.#isTombstone ? batch.valueBytes.subarray(0, 0) : batch.valueBytes.subarray(batch.valueStart, batch.valueEnd)
  }

  get record(): RecordBatch {
    return this.#range.batch
  }

  value<Value>(decode: Decode<Value>): Value {
    const { batch } = this.#range
    if (this.#isTombstone) throw new RecordUnreadableError('it has no value', { topic: this.topic, offset: 0 })
    return decode(batch.valueBytes, batch.valueStart, batch.valueEnd)
  }

  requireHost(hostId: string): void {
    const { keyBytes, keyStart, keyEnd } = this.#range.batch
    let isSame = keyStart >= 0 && keyEnd - keyStart === hostId.length
    for (let index = 0; isSame && index < hostId.length; index++) isSame = keyBytes[keyStart + index] === hostId.charCodeAt(index)
    if (isSame) return
    const key = keyStart < 0 ? null : Buffer.from(keyBytes.subarray(keyStart, Math.min(keyEnd, keyStart + MAX_QUOTED_BYTES))).toString()
    throw new RecordForeignError(this.topic, key, hostId.slice(0, MAX_QUOTED_BYTES))
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
  #isAtEnd = false

  constructor(batch: RecordBatch, from = 0, to = batch.length) {
    this.batch = batch
    this.from = from
    this.to = to
  }

  /** Number of records. */
  get length(): number {
    return this.to - this.from
  }

  /** Index of the current record in the fetched batch; `from - 1` before the first, `to` after the last. */
  get index(): number {
    return this.#isAtEnd ? this.to : this.batch.index
  }

  /** Moves to the next record; false after the last. */
  next(): boolean {
    if (this.#isAtEnd || this.batch.index + 1 >= this.to || !this.batch.next()) {
      this.#isAtEnd = true
      return false
    }
    return true
  }

  /** Moves to before the first record. */
  rewind(): void {
    this.#isAtEnd = false
    this.moveTo(this.from - 1)
  }

  /** Moves the cursor to the record with this index of the fetched batch. */
  moveTo(index: number): void {
    if (this.batch.index > index) this.batch.rewind()
    while (this.batch.index < index && this.batch.next());
  }

  /** Offset of the record with this index; after the last record of the batch, the offset that follows it. */
  offsetAt(index: number): number {
    if (index >= this.batch.length) return this.batch.lastOffset + 1
    this.moveTo(index)
    return this.batch.offset
  }

  /** This range from `index` on. */
  startingAt(index: number): BatchRange {
    return new BatchRange(this.batch, index, this.to)
  }

  /** The first `length` records, and the rest. */
  split(length: number): readonly [BatchRange, BatchRange] {
    const middle = this.from + length
    return [new BatchRange(this.batch, this.from, middle), this.startingAt(middle)]
  }
}
