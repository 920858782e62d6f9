// The first records of a batch, where only so many may be delivered.
import type { RecordBatch } from './topic-log.js'
import type { TopicKey } from './topics.js'

/** A view of the first `length` records; it moves the cursor of the batch. */
export class BatchHead implements RecordBatch {
  readonly topic: TopicKey
  readonly partition: number
  readonly length: number
  readonly firstOffset: number
  readonly lastOffset: number
  readonly #batch: RecordBatch

  /** @param length at least 1, at most that of the batch */
  constructor(batch: RecordBatch, length: number) {
    this.#batch = batch
    this.topic = batch.topic
    this.partition = batch.partition
    this.length = length
    this.firstOffset = batch.firstOffset
    batch.rewind()
    while (batch.index + 1 < length && batch.next());
    this.lastOffset = batch.offset
    batch.rewind()
  }

  next(): boolean {
    return this.#batch.index + 1 < this.length && this.#batch.next()
  }
  rewind(): void {
    this.#batch.rewind()
  }
  get index(): number {
    return this.#batch.index
  }
  get offset(): number {
    return this.#batch.offset
  }
  get timestampMs(): number {
    return this.#batch.timestampMs
  }
  get keyBytes(): Uint8Array {
    return this.#batch.keyBytes
  }
  get keyStart(): number {
    return this.#batch.keyStart
  }
  get keyEnd(): number {
    return this.#batch.keyEnd
  }
  get valueBytes(): Uint8Array {
    return this.#batch.valueBytes
  }
  get valueStart(): number {
    return this.#batch.valueStart
  }
  get valueEnd(): number {
    return this.#batch.valueEnd
  }
  get headers(): Uint8Array | null {
    return this.#batch.headers ?? null
  }
}
