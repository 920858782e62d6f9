// Writes a record batch in Kafka's format v2 into a preallocated buffer. On the path of every published record. Knows no socket, topic or
// request.
import { crc32c, type RecordBody } from '../../topic-log/body-appender.js'
import type { RecordContent } from '../../topic-log/topic-log.js'
import {
  ATTRIBUTES_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  BATCH_HEADER_BYTES,
  COUNT_AT,
  CRC_AT,
  LAST_OFFSET_DELTA_AT,
  LEADER_EPOCH_AT,
  LENGTH_AT,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  TRANSACTION_BIT,
} from '../batch-layout.js'

/** Most bytes of a record in addition to its key and value: five varints (5, 10, 5, 5, 5), attributes, header count. */
export const MOST_RECORD_OVERHEAD = 32

// Twice the difference of two times must be an exact number. About the year 144,000.
const MOST_TIMESTAMP_MS = 2 ** 52 - 1

// From this size on, a native copy is faster than a loop in JavaScript (measured: about 100 ns for the call).
const NATIVE_COPY_BYTES = 96

/** A batch under construction in `frame`, from `start` on. Append records, then finish the header, which may be repeated. */
export class RecordBatchWriter {
  readonly frame: Buffer
  readonly start: number
  /** Position after the last byte written. */
  end: number
  count = 0
  /** Time of the first record, Unix milliseconds. */
  baseTimestampMs = 0
  /** Latest time of a record, Unix milliseconds. */
  maxTimestampMs = 0
  #compression = 0

  /** @param frame also holds the request; `start` leaves room for its head */
  constructor(frame: Buffer, start: number) {
    this.frame = frame
    this.start = start
    this.end = start + BATCH_HEADER_BYTES
  }

  /** True if a record of this size is sure to fit. */
  fits(keyBytes: number, valueBytes: number): boolean {
    return this.end + keyBytes + valueBytes + MOST_RECORD_OVERHEAD <= this.frame.length
  }

  /** The encoded records, compressed or plain. */
  get records(): Buffer {
    return this.frame.subarray(this.start + BATCH_HEADER_BYTES, this.end)
  }

  /**
   * Appends one record that fits. Its time is rounded down and clamped to 0 and 2^52 - 1; NaN counts as 0.
   */
  append({ key, value, valueStart, valueEnd, timestampMs }: RecordContent): void {
    const timestamp = timestampMs >= 0 ? Math.min(Math.floor(timestampMs), MOST_TIMESTAMP_MS) : 0
    if (this.count === 0) this.baseTimestampMs = this.maxTimestampMs = timestamp
    else if (timestamp > this.maxTimestampMs) this.maxTimestampMs = timestamp
    const keyBytes = key.length
    const valueBytes = valueEnd - valueStart
    // All varints are zigzag: 2n for n >= 0, -2n-1 below.
    const delta = timestamp - this.baseTimestampMs
    const zigzagDelta = delta >= 0 ? delta * 2 : delta * -2 - 1
    const bytes =
      2 +
      sizeOfLong(zigzagDelta) +
      sizeOfInt(this.count << 1) +
      sizeOfInt(keyBytes << 1) +
      keyBytes +
      sizeOfInt(valueBytes << 1) +
      valueBytes
    const frame = this.frame
    let at = writeInt(frame, this.end, bytes << 1)
    frame[at++] = 0
    at = writeLong(frame, at, zigzagDelta)
    at = writeInt(frame, at, this.count << 1)
    at = writeInt(frame, at, keyBytes << 1)
    for (let i = 0; i < keyBytes; i++) frame[at++] = key[i] as number
    at = writeInt(frame, at, valueBytes << 1)
    if (valueBytes < NATIVE_COPY_BYTES) for (let i = valueStart; i < valueEnd; i++) frame[at++] = value[i] as number
    else {
      frame.set(value.subarray(valueStart, valueEnd), at)
      at += valueBytes
    }
    frame[at++] = 0
    this.end = at
    this.count++
  }

  /** Copies all records of `body`, which fits, into an empty batch. */
  adopt(body: RecordBody): void {
    const at = this.start + BATCH_HEADER_BYTES
    this.frame.set(body.records, at)
    this.end = at + body.records.length
    this.count = body.count
    this.baseTimestampMs = body.baseTimestampMs
    this.maxTimestampMs = body.maxTimestampMs
    this.#compression = body.attributes
  }

  /** Number of the codec of the records; 0 for plain. */
  get attributes(): number {
    return this.#compression
  }

  get isCompressed(): boolean {
    return this.#compression !== 0
  }

  /**
   * Replaces the plain records with the compressed ones if those are smaller.
   * @param attributes the codec's number
   */
  replaceRecords(compressed: Uint8Array, attributes: number): void {
    const at = this.start + BATCH_HEADER_BYTES
    if (compressed.length >= this.end - at) return
    this.frame.set(compressed, at)
    this.end = at + compressed.length
    this.#compression = attributes
  }

  /** Writes the header and its checksum. May be repeated with another producer or sequence. */
  finish(producerId: bigint, producerEpoch: number, baseSequence: number, isTransactional = false): void {
    const { frame, start, end } = this
    frame.writeBigInt64BE(0n, start)
    frame.writeInt32BE(end - start - LEADER_EPOCH_AT, start + LENGTH_AT)
    frame.writeInt32BE(-1, start + LEADER_EPOCH_AT)
    frame[start + MAGIC_AT] = 2
    frame.writeInt16BE(this.#compression | (isTransactional ? TRANSACTION_BIT : 0), start + ATTRIBUTES_AT)
    frame.writeInt32BE(this.count - 1, start + LAST_OFFSET_DELTA_AT)
    frame.writeBigInt64BE(BigInt(this.baseTimestampMs), start + BASE_TIMESTAMP_AT)
    frame.writeBigInt64BE(BigInt(this.maxTimestampMs), start + MAX_TIMESTAMP_AT)
    frame.writeBigInt64BE(producerId, start + PRODUCER_ID_AT)
    frame.writeInt16BE(producerEpoch, start + PRODUCER_EPOCH_AT)
    frame.writeInt32BE(baseSequence, start + BASE_SEQUENCE_AT)
    frame.writeInt32BE(this.count, start + COUNT_AT)
    frame.writeUInt32BE(crc32c(frame.subarray(start + ATTRIBUTES_AT, end)), start + CRC_AT)
  }
}

function sizeOfInt(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5
}

function writeInt(frame: Buffer, position: number, value: number): number {
  let at = position
  let rest = value
  while (rest > 0x7f) {
    frame[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  frame[at++] = rest
  return at
}

// Deltas may exceed 32 bits (after a step of the clock), so these functions divide instead of shifting.
function sizeOfLong(value: number): number {
  let bytes = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

function writeLong(frame: Buffer, position: number, value: number): number {
  let at = position
  let rest = value
  while (rest > 0x7f) {
    frame[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  frame[at++] = rest
  return at
}

/** Receives one record of a batch: index, time relative to the first record (milliseconds), spans of key and value. */
export type OnRecord = (index: number, deltaMs: number, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void

/** Reads plain records. @throws RangeError if the bytes are not `count` records */
export function readRecords(records: Buffer, count: number, onRecord: OnRecord): void {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = records.readUInt8(at++)
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
    }
    // Zigzag: even for n >= 0, odd below. Arithmetic, because times may exceed 32 bits.
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  for (let index = 0; index < count; index++) {
    const bytes = varint()
    const end = at + bytes
    // Attributes.
    at++
    const delta = varint()
    // Offset delta.
    varint()
    const keyBytes = varint()
    const keyStart = at
    at += keyBytes
    const valueBytes = varint()
    const valueStart = at
    const valueEnd = valueStart + valueBytes
    if (keyBytes < 0 || valueBytes < 0 || valueEnd + 1 !== end || end > records.length)
      throw new RangeError(`record ${String(index)} is corrupt`)
    onRecord(index, delta, keyStart, keyStart + keyBytes, valueStart, valueEnd)
    at = end
  }
}
