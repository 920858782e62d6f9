// Records of one topic in memory that are to become blocks of the spool: one that is filled, and whole ones that the disk did not take yet.
import type { HeldBody } from '../../infra/topic-log/body-appender.js'
import type { AppendRecord } from '../../infra/topic-log/topic-log.js'
import { BATCH_HEADER_BYTES, MOST_RECORD_OVERHEAD, RecordBatchWriter } from '../../infra/kafka/publisher/record-batch.js'

export class BlockDraft {
  #writer: RecordBatchWriter | null = null
  #lastMark = 0
  #frame: Buffer | null = null
  readonly #whole: HeldBody[] = []
  readonly #blockBytes: number
  readonly #onWaiting: (bytes: number) => void

  /**
   * @param blockBytes size at which a block is whole
   * @param onWaiting told by how many bytes the whole blocks that wait have grown; negative when one is through
   */
  constructor(blockBytes: number, onWaiting: (bytes: number) => void) {
    this.#blockBytes = blockBytes
    this.#onWaiting = onWaiting
  }

  /** Takes a record. @returns true when the block before it is whole now */
  append(record: AppendRecord): boolean {
    const keyBytes = record.key.length
    const valueBytes = record.valueEnd - record.valueStart
    const isFull = this.#writer?.fits(keyBytes, valueBytes) === false
    if (isFull) this.seal()
    this.#writer ??= new RecordBatchWriter(this.#frameFor(keyBytes + valueBytes), 0)
    this.#writer.append(record)
    this.#lastMark = record.mark
    return isFull
  }

  /** The filled block is whole. */
  seal(): void {
    const writer = this.#writer
    if (writer === null) return
    const { count, baseTimestampMs, maxTimestampMs, attributes } = writer
    // A copy, so that the frame can be filled again whatever becomes of these.
    const records = Buffer.from(writer.records)
    this.#whole.push({ count, baseTimestampMs, maxTimestampMs, attributes, records, lastMark: this.#lastMark })
    this.#onWaiting(records.length)
    this.#writer = null
  }

  /** The oldest whole block. */
  first(): HeldBody | undefined {
    return this.#whole[0]
  }

  /** Takes the oldest whole block away. */
  shift(): void {
    this.#onWaiting(-(this.#whole.shift()?.records.length ?? 0))
  }

  #frameFor(bytes: number): Buffer {
    const needed = BATCH_HEADER_BYTES + bytes + MOST_RECORD_OVERHEAD
    if (needed > this.#blockBytes) return Buffer.allocUnsafeSlow(needed)
    return (this.#frame ??= Buffer.allocUnsafeSlow(this.#blockBytes))
  }
}
