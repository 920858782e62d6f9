// A part of the records of a batch, in place: for readers of ranges, which get whole batches and want some of their records.
import { BatchView } from './batch-view.js'
import type { RecordBatch } from './topic-log.js'

/** The record that the batch is at. */
export type RecordTest = (record: Pick<RecordBatch, 'offset' | 'timestampMs' | 'keyBytes' | 'keyStart' | 'keyEnd'>) => boolean

/** The records for which the test is true: the batch itself if all are, null if none is. The batch is walked, then it is before its first record. */
export function selectRecords(batch: RecordBatch, isWanted: RecordTest): RecordBatch | null {
  const wanted = new Uint8Array(batch.length)
  let length = 0
  let [firstOffset, lastOffset] = [-1, -1]
  batch.rewind()
  while (batch.next()) {
    if (!isWanted(batch)) continue
    wanted[batch.index] = 1
    if (length++ === 0) firstOffset = batch.offset
    lastOffset = batch.offset
  }
  batch.rewind()
  if (length === batch.length) return batch
  return length === 0 ? null : new SelectedBatch(batch, wanted, { length, firstOffset, lastOffset })
}

class SelectedBatch extends BatchView {
  readonly length: number
  readonly firstOffset: number
  readonly lastOffset: number
  index = -1
  readonly #wanted: Uint8Array

  constructor(batch: RecordBatch, wanted: Uint8Array, extent: Pick<RecordBatch, 'length' | 'firstOffset' | 'lastOffset'>) {
    super(batch)
    this.#wanted = wanted
    this.length = extent.length
    this.firstOffset = extent.firstOffset
    this.lastOffset = extent.lastOffset
  }

  next(): boolean {
    if (this.index + 1 >= this.length) return false
    do this.batch.next()
    while (this.#wanted[this.batch.index] === 0)
    this.index++
    return true
  }

  rewind(): void {
    this.batch.rewind()
    this.index = -1
  }
}
