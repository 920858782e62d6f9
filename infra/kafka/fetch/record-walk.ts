// Checks the plain records of one batch, and walks them in place: no object per record, no copy. On the path of every consumed record.
// See https://kafka.apache.org/documentation/#record

/** Records of one batch that were checked: every field lies in the bytes, and offsets grow. */
export interface CheckedRecords {
  readonly bytes: Uint8Array
  /** Position of the first record. */
  readonly start: number
  readonly count: number
  /** Offsets and times of the records are relative to these. */
  readonly baseOffset: number
  readonly baseTimestampMs: number
  /** Time of all records, with LogAppendTime; else null. */
  readonly appendedMs: number | null
  readonly firstOffset: number
  readonly lastOffset: number
}

/** Reads the numbers of records. Its position never passes `end`. */
export class RecordCursor {
  bytes: Uint8Array = new Uint8Array(0)
  at = 0
  /** Bytes of the fields that were skipped. */
  fieldBytes = 0
  /** Records that were passed without a key and a value. */
  bareRecords = 0

  /** A zigzag varint of at most 5 bytes that ends at or before `end`. @throws RangeError */
  int(end: number): number {
    const { bytes, at } = this
    if (at < end) {
      const first = bytes[at] as number
      if (first < 0x80) {
        this.at = at + 1
        return (first >>> 1) ^ -(first & 1)
      }
      if (at + 1 < end) {
        const second = bytes[at + 1] as number
        if (second < 0x80) {
          this.at = at + 2
          const value = (first & 0x7f) | (second << 7)
          return (value >>> 1) ^ -(value & 1)
        }
      }
    }
    return this.#longInt(end)
  }

  /** The same of at most 10 bytes; rounded beyond 2^53. */
  long(end: number): number {
    const first = this.#byte(end)
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    // Without the sign, which is the lowest bit.
    let value = (first & 0x7f) >>> 1
    let scale = 64
    for (let byte = first; byte >= 0x80; scale *= 128) {
      if (scale > 2 ** 62) throw new RangeError('a number has more than 10 bytes')
      byte = this.#byte(end)
      value += (byte & 0x7f) * scale
    }
    return (first & 1) === 0 ? value : -value - 1
  }

  /** Moves past a field: its length, -1 for null, and its bytes. */
  skipField(end: number): void {
    const length = this.int(end)
    if (length < -1) throw new RangeError('a field has a negative length')
    if (length > end - this.at) throw new RangeError('a field is longer than its record')
    if (length <= 0) return
    this.at += length
    this.fieldBytes += length
  }

  #longInt(end: number): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte(end)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    throw new RangeError('a number has more than 5 bytes')
  }

  #byte(end: number): number {
    if (this.at >= end) throw new RangeError('a number passes the end of its record')
    return this.bytes[this.at++] as number
  }
}

/** What the header of a batch states about its records. */
export interface StatedRecords {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly count: number
  readonly baseTimestampMs: number
  readonly appendedMs: number | null
}

/** Length, attributes, two deltas, key, value, number of headers. */
const LEAST_RECORD_BYTES = 7
/** Of one batch. Every record of ours has a key, also one that only removes a value. */
const MOST_BARE_RECORDS = 1_000

/**
 * Checks all records of a batch and skips those below `from`. The work is bounded by the bytes.
 * @returns null if no record is left
 * @throws RangeError if the bytes are not exactly the stated records
 */
export function checkRecords(bytes: Uint8Array, start: number, end: number, stated: StatedRecords, from: number): CheckedRecords | null {
  const { baseOffset, lastOffset, count, baseTimestampMs, appendedMs } = stated
  if (count > (end - start) / LEAST_RECORD_BYTES)
    throw new RangeError(`${String(count)} records do not fit into ${String(end - start)} bytes`)
  const cursor = new RecordCursor()
  cursor.bytes = bytes
  cursor.at = start
  const mostDelta = lastOffset - baseOffset
  const fromDelta = from - baseOffset
  let delta = -1
  let firstDelta = -1
  let firstAt = start
  let skipped = 0
  for (let index = 0; index < count; index++) {
    const recordAt = cursor.at
    const before = delta
    delta = checkRecord(cursor, end)
    if (delta <= before || delta > mostDelta) throw new RangeError(`record ${String(index)} has an offset out of order`)
    if (delta < fromDelta) skipped++
    else if (firstDelta < 0) {
      firstDelta = delta
      firstAt = recordAt
    }
  }
  if (cursor.at !== end) throw new RangeError(`${String(end - cursor.at)} bytes follow the last record`)
  // Nobody writes them but to make work: each would be a dead letter of its own.
  if (count > 0 && cursor.fieldBytes === 0) throw new RangeError(`${String(count)} records without any content`)
  if (cursor.bareRecords > MOST_BARE_RECORDS) throw new RangeError(`${String(cursor.bareRecords)} records without a key and a value`)
  if (firstDelta < 0) return null
  return {
    bytes,
    start: firstAt,
    count: count - skipped,
    baseOffset,
    baseTimestampMs,
    appendedMs,
    firstOffset: baseOffset + firstDelta,
    lastOffset: baseOffset + delta,
  }
}

/** Moves past one record. @returns its offset, relative to the batch */
function checkRecord(cursor: RecordCursor, batchEnd: number): number {
  const size = cursor.int(batchEnd)
  const end = cursor.at + size
  if (size < LEAST_RECORD_BYTES - 1 || end > batchEnd) throw new RangeError(`a record has ${String(size)} bytes`)
  cursor.at++
  cursor.long(end)
  const delta = cursor.int(end)
  const before = cursor.fieldBytes
  cursor.skipField(end)
  cursor.skipField(end)
  if (cursor.fieldBytes === before) cursor.bareRecords++
  const headers = cursor.int(end)
  if (headers < 0) throw new RangeError('a record has a negative number of headers')
  for (let left = headers; left > 0; left--) {
    cursor.skipField(end)
    cursor.skipField(end)
  }
  if (cursor.at !== end) throw new RangeError('a record is longer than its fields')
  return delta
}

/** The same records without those below `offset`; null if none is left. */
export function recordsFrom(records: CheckedRecords, offset: number): CheckedRecords | null {
  if (offset <= records.firstOffset) return records
  if (offset > records.lastOffset) return null
  const cursor = new RecordCursor()
  const most = records.bytes.length
  cursor.bytes = records.bytes
  cursor.at = records.start
  for (let count = records.count; ; count--) {
    const start = cursor.at
    const end = cursor.int(most) + cursor.at
    cursor.at++
    cursor.long(end)
    const firstOffset = records.baseOffset + cursor.int(end)
    if (firstOffset >= offset) return { ...records, start, count, firstOffset }
    cursor.at = end
  }
}

// The key of a control record: version (2 bytes), type (2 bytes; 0 abort, 1 commit).
const MARKER_KEY_BYTES = 4
const ABORT = 0

/** True for the records of a control batch that end an aborted transaction. @throws RangeError for another key */
export function isAbortMarker({ bytes, start }: CheckedRecords): boolean {
  const cursor = new RecordCursor()
  cursor.bytes = bytes
  cursor.at = start
  const most = bytes.length
  cursor.int(most)
  cursor.at++
  cursor.long(most)
  cursor.int(most)
  const key = cursor.int(most)
  if (key < MARKER_KEY_BYTES) throw new RangeError('a control record without a type')
  const typeAt = cursor.at + 2
  return bytes[typeAt] === ABORT && bytes[typeAt + 1] === ABORT
}
