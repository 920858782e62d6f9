// What a function sees of a fetched batch: the cursor of a range, and decoding of the record that it stands on.
import type { TopicKey } from '../../infra/topic-log/topics.js'
import type { ProjectedDecode as Decode } from '../../schemas/codec.js'
import { RecordUnreadableError } from '../../schemas/record-errors.js'
import type { EventBatch } from '../function.js'
import type { BatchRange } from './batch-range.js'

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
