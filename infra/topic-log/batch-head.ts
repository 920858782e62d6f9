// The first records of a batch, where only so many may be delivered.
import { BatchView } from './batch-view.js'
import type { RecordBatch } from './topic-log.js'

/** A view of the first `length` records; it moves the cursor of the batch. */
export class BatchHead extends BatchView {
  readonly length: number
  readonly firstOffset: number
  readonly lastOffset: number

  /** @param length at least 1, at most that of the batch */
  constructor(batch: RecordBatch, length: number) {
    super(batch)
    this.length = length
    this.firstOffset = batch.firstOffset
    batch.rewind()
    while (batch.index + 1 < length && batch.next());
    this.lastOffset = batch.offset
    batch.rewind()
  }

  next(): boolean {
    return this.batch.index + 1 < this.length && this.batch.next()
  }

  rewind(): void {
    this.batch.rewind()
  }

  get index(): number {
    return this.batch.index
  }
}
