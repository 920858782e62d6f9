// A piece of a topic's records in one large buffer: appended to at the end, read in place, dropped as a whole.
// Layout of a record: key length and value length (int32 each), timestamp (float64, Unix ms), key, value.
import type { RecordContent } from '../topic-log.js'

/** Bytes in front of each record's key. */
export const RECORD_HEADER_BYTES = 16

/** Bytes that a record takes in a chunk. */
export function recordBytes({ key, valueStart, valueEnd }: RecordContent): number {
  return RECORD_HEADER_BYTES + key.length + valueEnd - valueStart
}

/** Records of consecutive offsets. What was written never changes, so views stay good while the chunk is referred to. */
export class Chunk {
  readonly bytes: Buffer
  readonly view: DataView
  readonly firstOffset: number
  /** Number of records. */
  length = 0
  /** Bytes used. */
  used = 0
  /** Offset of the first record that not every group has passed, and where it begins. */
  passedOffset: number
  passedBytes = 0

  constructor(firstOffset: number, capacity: number) {
    this.firstOffset = firstOffset
    this.passedOffset = firstOffset
    this.bytes = Buffer.allocUnsafeSlow(capacity)
    this.view = new DataView(this.bytes.buffer)
  }

  /** The offset behind the last record. */
  get nextOffset(): number {
    return this.firstOffset + this.length
  }

  /** Whether `count` more bytes fit. */
  hasRoom(count: number): boolean {
    return this.used + count <= this.bytes.length
  }

  /** Copies a record in. The caller made sure of the room. */
  append({ key, value, valueStart, valueEnd, timestampMs }: RecordContent): void {
    const at = this.used
    this.view.setInt32(at, key.length)
    this.view.setInt32(at + 4, valueEnd - valueStart)
    this.view.setFloat64(at + 8, timestampMs)
    const keyStart = at + RECORD_HEADER_BYTES
    this.bytes.set(key, keyStart)
    const isWhole = valueStart === 0 && valueEnd === value.length
    this.bytes.set(isWhole ? value : value.subarray(valueStart, valueEnd), keyStart + key.length)
    this.used = keyStart + key.length + valueEnd - valueStart
    this.length++
  }

  /** Bytes from `passedOffset` up to `offset` or the end. */
  bytesTo(offset: number): number {
    const to = Math.min(offset, this.nextOffset)
    let at = this.passedBytes
    for (let passed = this.passedOffset; passed < to; passed++) at = this.next(at)
    return at - this.passedBytes
  }

  /** Moves `passedOffset` up to `offset` or the end, and gives the bytes that were passed. */
  pass(offset: number): number {
    const bytes = this.bytesTo(offset)
    this.passedOffset = Math.max(this.passedOffset, Math.min(offset, this.nextOffset))
    this.passedBytes += bytes
    return bytes
  }

  /** Where the record behind the one at `at` begins. */
  next(at: number): number {
    return at + RECORD_HEADER_BYTES + this.view.getInt32(at) + this.view.getInt32(at + 4)
  }
}
