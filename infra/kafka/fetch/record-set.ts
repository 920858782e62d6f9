// The batch headers of one partition in one answer: checksum, offsets, transactions. Every length and count is a claim: what contradicts the
// bytes is damage, never a wrong read. The records of a batch are not touched here.
// See https://kafka.apache.org/documentation/#messageset
import { messageOf } from '../../process/errors.js'
import { crc32c } from '../../topic-log/body-appender.js'
import {
  APPEND_TIME_BIT,
  ATTRIBUTES_AT,
  BASE_TIMESTAMP_AT,
  BATCH_HEADER_BYTES,
  CODEC_BITS,
  CONTROL_BIT,
  COUNT_AT,
  CRC_AT,
  LAST_OFFSET_DELTA_AT,
  LENGTH_AT,
  LOG_OVERHEAD_BYTES,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  PRODUCER_ID_AT,
  TRANSACTION_BIT,
} from '../batch-layout.js'
import { AbortedTransactions, type AbortedTransaction } from './aborted-transactions.js'
import { checkRecords, isAbortMarker, type StatedRecords } from './record-walk.js'

/** The bytes of one partition in an answer. */
export interface RecordSetSource {
  readonly bytes: Buffer
  /** Offset that was asked for; records below it are skipped. */
  readonly position: number
  /** The log had no record from here on, or a moment later. */
  readonly highWatermark: number
  readonly aborted: readonly AbortedTransaction[]
}

/** A batch whose header is sound. */
export interface SetBatch extends StatedRecords {
  readonly at: number
  readonly end: number
  readonly attributes: number
  /** Number of the codec; 0 for plain. */
  readonly codec: number
}

/** A batch that can't be read. */
export interface Damage {
  /** Its first offset, if the header is plausible; else the position. */
  readonly firstOffset: number
  /** The offset after it, if the header is plausible. */
  readonly nextOffset: number | undefined
  readonly reason: string
  /** A view. */
  readonly bytes: Uint8Array
}

/** Smallest message of any format: checksum, magic, attributes, lengths of key and value. */
const LEAST_MESSAGE_BYTES = 14
const ONLY_FORMAT = 2

/** Passes over the batches once, in order. */
export class RecordSet {
  readonly bytes: Buffer
  readonly #source: RecordSetSource
  readonly #aborted: AbortedTransactions
  #at = 0
  #end: number
  #position: number
  #damage: Damage | undefined

  constructor(source: RecordSetSource) {
    this.bytes = source.bytes
    this.#source = source
    this.#aborted = new AbortedTransactions(source.aborted)
    this.#end = source.bytes.length
    this.#position = source.position
  }

  /** Offset of what is read next. */
  get position(): number {
    return this.#position
  }

  /** The damage at which the set ends. */
  get damage(): Damage | undefined {
    return this.#damage
  }

  /** True if no whole batch is left: answers are cut at their largest size. */
  get isAtEnd(): boolean {
    const rest = this.#end - this.#at
    if (rest <= MAGIC_AT) return true
    const length = this.bytes.readInt32BE(this.#at + LENGTH_AT)
    return length >= LEAST_MESSAGE_BYTES && length > rest - LOG_OVERHEAD_BYTES
  }

  /** True if there are bytes, but not even the first batch is whole. */
  get isCut(): boolean {
    return this.#end > 0 && this.#at === 0 && this.isAtEnd
  }

  /** Time of the next batch, Unix milliseconds; null at the end. */
  get nextTimestampMs(): number | null {
    if (this.isAtEnd || this.#end - this.#at < BATCH_HEADER_BYTES) return null
    return Number(this.bytes.readBigInt64BE(this.#at + BASE_TIMESTAMP_AT))
  }

  /** The next batch with visible records, checked but for its records; undefined at the end or at damage. Passes over the others. */
  nextVisible(): SetBatch | undefined {
    while (this.#damage === undefined && !this.isAtEnd) {
      const batch = this.#header()
      if (batch === undefined) return undefined
      try {
        if (this.#isVisible(batch)) return batch
      } catch (error) {
        this.damaged(messageOf(error), batch.end)
        return undefined
      }
      this.pass(batch)
    }
    return undefined
  }

  /** The batch is read. */
  pass(batch: SetBatch): void {
    this.#at = batch.end
    this.#position = Math.max(this.#position, batch.lastOffset + 1)
  }

  /**
   * The batch at which the set is can't be read. The set ends.
   * @param end of the batch
   * @param isHeaderSound true if the checksum is right
   */
  damaged(reason: string, end = this.bytes.length, isHeaderSound = true): void {
    const at = this.#at
    const isHeader = this.bytes.length - at >= (this.bytes[at + MAGIC_AT] === ONLY_FORMAT ? BATCH_HEADER_BYTES : MAGIC_AT + 1)
    const base = isHeader ? longAt(this.bytes, at) : -1
    // A message of an older format has one offset, the one of its last record.
    const last = isHeader && this.bytes[at + MAGIC_AT] === ONLY_FORMAT ? base + this.bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT) : base
    const isPlausible = base >= 0 && last >= base && last >= this.#position && last < this.#source.highWatermark
    const firstOffset = isPlausible ? Math.max(base, this.#position) : this.#position
    const stated = isPlausible ? last + 1 : undefined
    const nextOffset = isHeaderSound ? stated : this.#nextAfter(end, firstOffset, stated)
    this.#damage = { firstOffset, nextOffset, reason, bytes: this.bytes.subarray(at, end) }
  }

  // One wrong bit in the last offset would skip the good batches behind it. It is believed if the number of records says the same, which the
  // batch that follows decides first.
  #nextAfter(end: number, firstOffset: number, stated: number | undefined): number | undefined {
    const { bytes } = this
    if (bytes.length - end >= BATCH_HEADER_BYTES) {
      const length = bytes.readInt32BE(end + LENGTH_AT)
      const following = longAt(bytes, end)
      const isWhole = length <= bytes.length - end - LOG_OVERHEAD_BYTES && this.#faultOf(end, length) === undefined
      if (isWhole && following > firstOffset && following <= this.#source.highWatermark) return following
    }
    const at = this.#at
    if (stated === undefined || bytes[at + MAGIC_AT] !== ONLY_FORMAT) return stated
    return bytes.readInt32BE(at + COUNT_AT) === bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT) + 1 ? stated : undefined
  }

  // Called for a whole batch. Undefined for damage, and for a batch after the end of the log, where the set ends.
  #header(): SetBatch | undefined {
    const { bytes } = this
    const at = this.#at
    const length = bytes.readInt32BE(at + LENGTH_AT)
    const fault = this.#faultOf(at, length)
    if (fault !== undefined) {
      this.damaged(fault, length < LEAST_MESSAGE_BYTES ? undefined : at + LOG_OVERHEAD_BYTES + length, false)
      return undefined
    }
    const end = at + LOG_OVERHEAD_BYTES + length
    const baseOffset = longAt(bytes, at)
    const attributes = bytes.readInt16BE(at + ATTRIBUTES_AT)
    const lastOffset = baseOffset + bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT)
    const count = bytes.readInt32BE(at + COUNT_AT)
    const isFirst = at === 0
    if (lastOffset < baseOffset || count < 0 || baseOffset < 0 || (!isFirst && baseOffset < this.#position)) {
      this.damaged(`the batch states ${String(count)} records from ${String(baseOffset)} to ${String(lastOffset)}`, end)
      return undefined
    }
    // The stated end may be a moment older than the records. Offsets are not under the checksum, so a wrong one ends here too.
    if (lastOffset >= this.#source.highWatermark) {
      if (isFirst) this.damaged(`the batch ends at ${String(lastOffset)}, after the end of the log`, end)
      this.#end = at
      return undefined
    }
    const appendedMs = (attributes & APPEND_TIME_BIT) === 0 ? null : longAt(bytes, at + MAX_TIMESTAMP_AT)
    const baseTimestampMs = longAt(bytes, at + BASE_TIMESTAMP_AT)
    return { at, end, attributes, codec: attributes & CODEC_BITS, baseOffset, lastOffset, count, baseTimestampMs, appendedMs }
  }

  #faultOf(at: number, length: number): string | undefined {
    const { bytes } = this
    if (length < LEAST_MESSAGE_BYTES) return `a batch of ${String(length)} bytes`
    const format = bytes[at + MAGIC_AT] ?? -1
    if (format !== ONLY_FORMAT) return `record format ${String(format)}; only format 2 (Kafka 0.11 and later) can be read`
    if (length < BATCH_HEADER_BYTES - LOG_OVERHEAD_BYTES) return `a batch of ${String(length)} bytes`
    const sum = crc32c(bytes.subarray(at + ATTRIBUTES_AT, at + LOG_OVERHEAD_BYTES + length))
    return sum === bytes.readUInt32BE(at + CRC_AT) ? undefined : 'wrong checksum'
  }

  // A batch belongs to one transaction, so the records of an aborted one disappear with whole batches.
  #isVisible(batch: SetBatch): boolean {
    const { at, end, attributes, lastOffset, count } = batch
    let isHidden = count === 0 || lastOffset < this.#position
    if ((attributes & TRANSACTION_BIT) !== 0 && !this.#aborted.isEmpty) {
      const producerId = this.bytes.readBigInt64BE(at + PRODUCER_ID_AT)
      if (this.#aborted.hides(producerId, lastOffset)) isHidden = true
      if ((attributes & CONTROL_BIT) !== 0) {
        const marker = checkRecords(this.bytes, at + BATCH_HEADER_BYTES, end, batch, batch.baseOffset)
        if (marker !== null && isAbortMarker(marker)) this.#aborted.end(producerId)
      }
    }
    return !isHidden && (attributes & CONTROL_BIT) === 0
  }
}

/** An int64 as a number; rounded beyond 2^53. */
function longAt(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
}
