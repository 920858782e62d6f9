// Records of one partition as the rest of the project reads them: over the checked batches of one answer, in place.
import type { TopicKey } from '../../topic-log/topics.js'
import type { FetchedBatch } from './fetched.js'
import { type CheckedRecords, RecordCursor, recordsFrom } from './record-walk.js'

/** A FetchedBatch over checked batches, of which there is at least one. */
export class FetchedRecords implements FetchedBatch {
  readonly topic: TopicKey
  readonly partition: number
  length: number
  firstOffset: number
  readonly lastOffset: number
  index = -1
  offset = -1
  timestampMs = -1
  keyStart = -1
  keyEnd = -1
  valueStart = -1
  valueEnd = -1
  #parts: readonly CheckedRecords[]
  #nextPart = 0
  #left = 0
  #headersAt = 0
  #part: CheckedRecords
  readonly #cursor = new RecordCursor()
  #onRelease: (() => void) | undefined

  constructor(topic: TopicKey, partition: number, parts: readonly [CheckedRecords, ...CheckedRecords[]], onRelease: () => void) {
    this.topic = topic
    this.partition = partition
    this.#parts = parts
    this.#part = parts[0]
    this.#cursor.bytes = parts[0].bytes
    this.length = lengthOf(parts)
    this.firstOffset = parts[0].firstOffset
    this.lastOffset = parts[parts.length - 1]?.lastOffset ?? -1
    this.#onRelease = onRelease
  }

  /** Time of the first record batch, Unix milliseconds; null after the release. */
  get firstTimestampMs(): number | null {
    const first = this.#parts[0]
    return first === undefined ? null : (first.appendedMs ?? first.baseTimestampMs)
  }

  get keyBytes(): Uint8Array {
    return this.#cursor.bytes
  }

  get valueBytes(): Uint8Array {
    return this.#cursor.bytes
  }

  get headers(): Uint8Array | null {
    const { at, bytes } = this.#cursor
    // A count of none is one byte.
    return at - this.#headersAt > 1 ? bytes.subarray(this.#headersAt, at) : null
  }

  next(): boolean {
    if (this.#left === 0 && !this.#openNext()) return false
    this.#left--
    this.index++
    const cursor = this.#cursor
    const part = this.#part
    const most = cursor.bytes.length
    const size = cursor.int(most)
    const end = cursor.at + size
    // Attributes.
    cursor.at++
    const timestampDelta = cursor.long(end)
    this.timestampMs = part.appendedMs ?? part.baseTimestampMs + timestampDelta
    this.offset = part.baseOffset + cursor.int(end)
    const keyBytes = cursor.int(end)
    if (keyBytes < 0) this.keyStart = this.keyEnd = -1
    else {
      this.keyStart = cursor.at
      this.keyEnd = cursor.at += keyBytes
    }
    const valueBytes = cursor.int(end)
    if (valueBytes < 0) this.valueStart = this.valueEnd = -1
    else {
      this.valueStart = cursor.at
      this.valueEnd = cursor.at += valueBytes
    }
    this.#headersAt = cursor.at
    cursor.at = end
    return true
  }

  rewind(): void {
    this.#nextPart = 0
    this.#left = 0
    this.index = -1
    this.offset = this.timestampMs = -1
    this.keyStart = this.keyEnd = this.valueStart = this.valueEnd = -1
  }

  skipTo(offset: number): void {
    this.#parts = this.#parts.map((part) => recordsFrom(part, offset)).filter((part) => part !== null)
    this.length = lengthOf(this.#parts)
    this.firstOffset = this.#parts[0]?.firstOffset ?? offset
    this.rewind()
  }

  release(): void {
    const onRelease = this.#onRelease
    if (onRelease === undefined) return
    this.#onRelease = undefined
    this.rewind()
    this.#parts = []
    this.#cursor.bytes = new Uint8Array(0)
    onRelease()
  }

  #openNext(): boolean {
    if (this.#onRelease === undefined) throw new RangeError('the batch was released')
    const part = this.#parts[this.#nextPart]
    if (part === undefined) return false
    this.#nextPart++
    this.#part = part
    this.#left = part.count
    this.#cursor.bytes = part.bytes
    this.#cursor.at = part.start
    return true
  }
}

function lengthOf(parts: readonly CheckedRecords[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0)
}
