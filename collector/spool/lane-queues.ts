// The two queues of a lane: records in memory that become blocks of the spool, and records sent to the log but not acknowledged.
// Acknowledgements count records; the second queue maps them to blocks.
import type { HeldBody } from '../../infra/topic-log/body-appender.js'
import type { AppendRecord } from '../../infra/topic-log/topic-log.js'
import { BATCH_HEADER_BYTES } from '../../infra/kafka/batch-layout.js'
import { MOST_RECORD_OVERHEAD, RecordBatchWriter } from '../../infra/kafka/publisher/record-batch.js'
import { splitCounts, type AccountCount } from './spool-listener.js'
import type { SentBlock } from './spool-stream.js'

export class BlockDraft {
  #writer: RecordBatchWriter | null = null
  #lastMark = 0
  #frame: Buffer | null = null
  readonly #whole: HeldBody[] = []
  readonly #blockBytes: number
  readonly #onWaiting: (bytes: number) => void

  /**
   * @param blockBytes size at which a block is complete
   * @param onWaiting called with the change in bytes of the complete blocks that wait
   */
  constructor(blockBytes: number, onWaiting: (bytes: number) => void) {
    this.#blockBytes = blockBytes
    this.#onWaiting = onWaiting
  }

  /** Appends a record. @returns true when this completed the block before it */
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

  /** Completes the current block. */
  seal(): void {
    const writer = this.#writer
    if (writer === null) return
    const { count, baseTimestampMs, maxTimestampMs, attributes } = writer
    // A copy, so that the frame can be reused.
    const records = Buffer.from(writer.records)
    this.#whole.push({ count, baseTimestampMs, maxTimestampMs, attributes, records, lastMark: this.#lastMark })
    this.#onWaiting(records.length)
    this.#writer = null
  }

  /** The oldest complete block. */
  first(): HeldBody | undefined {
    return this.#whole[0]
  }

  /** Removes the oldest complete block. */
  shift(): void {
    this.#onWaiting(-(this.#whole.shift()?.records.length ?? 0))
  }

  #frameFor(bytes: number): Buffer {
    const needed = BATCH_HEADER_BYTES + bytes + MOST_RECORD_OVERHEAD
    if (needed > this.#blockBytes) return Buffer.allocUnsafeSlow(needed)
    return (this.#frame ??= Buffer.allocUnsafeSlow(this.#blockBytes))
  }
}

/** Receives the outcomes. */
interface SentListener {
  /** `records` that are only in memory are settled. */
  onMemory(records: number, lossReason: string | null): void
  /** A block of the spool is settled: `lost` of its records are given up. */
  onBlock(block: SentBlock, published: readonly AccountCount[], lost: readonly AccountCount[]): void
}

interface Sent {
  left: number
  lost: number
  readonly bytes: number
  readonly block: SentBlock | null
}

export class SentQueue {
  readonly #listener: SentListener
  readonly #sent: Sent[] = []
  /** Bytes of blocks in flight. */
  blockBytes = 0

  constructor(listener: SentListener) {
    this.#listener = listener
  }

  get isEmpty(): boolean {
    return this.#sent.length === 0
  }

  /** Records after the last block of the queue, which are only in memory. */
  get memoryTail(): number {
    const last = this.#sent.at(-1)
    return last?.block === null ? last.left : 0
  }

  memory(records: number): void {
    const last = this.#sent.at(-1)
    if (last?.block === null) last.left += records
    else this.#sent.push({ left: records, lost: 0, bytes: 0, block: null })
  }

  /** Removes the last `records`, which the log did not take. */
  retract(records: number): void {
    const last = this.#sent.at(-1)
    if (last === undefined || records === 0) return
    last.left -= records
    if (last.left === 0) this.#sent.pop()
  }

  /** Adds a block. A block without records is settled as soon as all before it are. */
  block(block: SentBlock, records: number, bytes: number): void {
    this.#sent.push({ left: records, lost: 0, bytes, block })
    this.blockBytes += bytes
    this.#settleFinished()
  }

  /** Marks records of the tail, after its first `before`, as spooled too. */
  tailIntoBlocks(before: number, blocks: readonly { readonly block: SentBlock; readonly records: number }[]): void {
    const rest = this.memoryTail - before - blocks.reduce((sum, { records }) => sum + records, 0)
    this.retract(this.memoryTail)
    if (before > 0) this.memory(before)
    for (const { block, records: left } of blocks) this.#sent.push({ left, lost: 0, bytes: 0, block })
    if (rest > 0) this.memory(rest)
  }

  /** The oldest `records` are acknowledged, or lost. */
  settle(records: number, lossReason: string | null): void {
    let left = records
    while (left > 0) {
      const oldest = this.#sent[0]
      if (oldest === undefined) return
      const taken = Math.min(left, oldest.left)
      left -= taken
      oldest.left -= taken
      if (oldest.block === null) this.#listener.onMemory(taken, lossReason)
      else if (lossReason !== null) oldest.lost += taken
      this.#settleFinished()
    }
  }

  #settleFinished(): void {
    for (;;) {
      const oldest = this.#sent[0]
      if (oldest === undefined || oldest.left > 0) return
      this.#sent.shift()
      this.blockBytes -= oldest.bytes
      const { block, lost } = oldest
      if (block === null) continue
      const [gone, published] = splitCounts(block.accounts, lost)
      this.#listener.onBlock(block, published, gone)
    }
  }
}
