// Consecutive records of a topic in one large buffer: appended at the end, read in place, dropped as a whole.
// Layout of a record: key length and value length (int32 each), timestamp (float64, Unix ms), key, value.
import type { RecordBatch, RecordContent } from '../topic-log.js'
import type { TopicKey } from '../topics.js'

/** Bytes before the key of each record. */
const RECORD_HEADER_BYTES = 16

/** Bytes that a record takes in a chunk. */
export function recordBytes({ key, valueStart, valueEnd }: RecordContent): number {
  return RECORD_HEADER_BYTES + key.length + valueEnd - valueStart
}

/** Records of consecutive offsets. Written bytes never change, so views remain valid. */
export class Chunk {
  readonly bytes: Buffer
  readonly view: DataView
  readonly firstOffset: number
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

  /** The offset after the last record. */
  get nextOffset(): number {
    return this.firstOffset + this.length
  }

  /** Whether `count` more bytes fit. */
  hasRoom(count: number): boolean {
    return this.used + count <= this.bytes.length
  }

  /** Copies a record. The caller has checked `hasRoom`. */
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

  /** Moves `passedOffset` up to `offset` or the end. @returns the passed bytes */
  pass(offset: number): number {
    const bytes = this.bytesTo(offset)
    this.passedOffset = Math.max(this.passedOffset, Math.min(offset, this.nextOffset))
    this.passedBytes += bytes
    return bytes
  }

  /** Start of the record after the one at `at`. */
  next(at: number): number {
    return at + RECORD_HEADER_BYTES + this.view.getInt32(at) + this.view.getInt32(at + 4)
  }
}

/** Records of one chunk from a byte position on. */
export class MemoryBatch implements RecordBatch {
  readonly topic: TopicKey
  readonly partition = 0
  readonly length: number
  readonly firstOffset: number
  index = -1
  timestampMs = 0
  keyStart = -1
  keyEnd = -1
  valueStart = -1
  valueEnd = -1
  readonly #chunk: Chunk
  readonly #start: number
  #next: number

  /** @param start byte position of the first record in the chunk @param length number of records, at least 1 */
  constructor(topic: TopicKey, chunk: Chunk, start: number, firstOffset: number, length: number) {
    this.topic = topic
    this.#chunk = chunk
    this.#start = start
    this.#next = start
    this.firstOffset = firstOffset
    this.length = length
  }

  get lastOffset(): number {
    return this.firstOffset + this.length - 1
  }
  get offset(): number {
    return this.firstOffset + this.index
  }
  get keyBytes(): Uint8Array {
    return this.#chunk.bytes
  }
  get valueBytes(): Uint8Array {
    return this.#chunk.bytes
  }

  next(): boolean {
    if (this.index + 1 >= this.length) return false
    this.index++
    const at = this.#next
    const view = this.#chunk.view
    this.timestampMs = view.getFloat64(at + 8)
    this.keyStart = at + RECORD_HEADER_BYTES
    this.keyEnd = this.keyStart + view.getInt32(at)
    this.valueStart = this.keyEnd
    this.valueEnd = this.valueStart + view.getInt32(at + 4)
    this.#next = this.valueEnd
    return true
  }

  rewind(): void {
    this.index = -1
    this.#next = this.#start
  }
}
