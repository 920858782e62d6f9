// What views of a batch share: everything of the current record is that of the batch that they move.
import type { RecordBatch } from './topic-log.js'
import type { TopicKey } from './topics.js'

/** A view of some records of a batch; it moves the batch's cursor. */
export abstract class BatchView implements RecordBatch {
  abstract readonly length: number
  abstract readonly firstOffset: number
  abstract readonly lastOffset: number
  abstract readonly index: number
  protected readonly batch: RecordBatch

  constructor(batch: RecordBatch) {
    this.batch = batch
  }

  abstract next(): boolean
  abstract rewind(): void

  get topic(): TopicKey {
    return this.batch.topic
  }
  get partition(): number {
    return this.batch.partition
  }
  get offset(): number {
    return this.batch.offset
  }
  get timestampMs(): number {
    return this.batch.timestampMs
  }
  get keyBytes(): Uint8Array {
    return this.batch.keyBytes
  }
  get keyStart(): number {
    return this.batch.keyStart
  }
  get keyEnd(): number {
    return this.batch.keyEnd
  }
  get valueBytes(): Uint8Array {
    return this.batch.valueBytes
  }
  get valueStart(): number {
    return this.batch.valueStart
  }
  get valueEnd(): number {
    return this.batch.valueEnd
  }
  get headers(): Uint8Array | null {
    return this.batch.headers ?? null
  }
}
