// The two queues of a lane: records in memory that become blocks of the spool, and what was sent to the log and is not acknowledged.
// Acknowledgements count records; the second queue knows what they were.
import type { HeldBody } from '../../infra/topic-log/body-appender.js'
import type { AppendRecord } from '../../infra/topic-log/topic-log.js'
import { BATCH_HEADER_BYTES, MOST_RECORD_OVERHEAD, RecordBatchWriter } from '../../infra/kafka/publisher/record-batch.js'
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

/** Who is told what became of it. */
interface SentListener {
  /** `records` that are in memory only are settled. */
  onMemory(records: number, lossReason: string | null): void
  /** A block of the spool is settled: of its records `lost` are given up. */
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
  /** Bytes of blocks under way. */
  blockBytes = 0

  constructor(listener: SentListener) {
    this.#listener = listener
  }

  get isEmpty(): boolean {
    return this.#sent.length === 0
  }

  /** Records at the end of the queue, behind the last block, that are in memory only. */
  get memoryTail(): number {
    const last = this.#sent.at(-1)
    return last?.block === null ? last.left : 0
  }

  memory(records: number): void {
    const last = this.#sent.at(-1)
    if (last?.block === null) last.left += records
    else this.#sent.push({ left: records, lost: 0, bytes: 0, block: null })
  }

  /** The records given last, in memory only, were not taken. */
  retract(records: number): void {
    const last = this.#sent.at(-1)
    if (last === undefined || records === 0) return
    last.left -= records
    if (last.left === 0) this.#sent.pop()
  }

  /** A block; one of no `records` is settled as soon as all before it are. */
  block(block: SentBlock, records: number, bytes: number): void {
    this.#sent.push({ left: records, lost: 0, bytes, block })
    this.blockBytes += bytes
    this.#settleFinished()
  }

  /** Records of the tail, behind its first `before`, are in the spool too. */
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
