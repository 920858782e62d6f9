// Numbers and arrays in Avro bytes, as generated scans call them. Each returns the position after the value; -1 for one that is cut, or that the decoder refuses.
import { ANCESTOR_STEP, type ScannedRecord, type TextSpans } from '../fields/bytes/scanned-record.js'

/** Reads one item of an array into texts from `at` on. */
export type ScanItem = (record: ScannedRecord, texts: Int32Array, at: number, bytes: Uint8Array, p: number, end: number) => number

const scratchRecord = { long: 0 }

/** Scans an array of any blocks. */
export function itemScanner(item: ScanItem, itemBytes: number): ScanAncestors {
  return (ancestors, bytes, start, end) => {
    ancestors.count = 0
    return scanBlocks(bytes, start, end, itemBytes, (at) =>
      item(scratchRecord as ScannedRecord, ancestors.room(ANCESTOR_STEP), ancestors.count++ * ANCESTOR_STEP, bytes, at, end),
    )
  }
}
type ScanAncestors = (ancestors: TextSpans, bytes: Uint8Array, p: number, end: number) => number

/** All texts of an array of any blocks. */
export function scanTexts(list: TextSpans, bytes: Uint8Array, start: number, end: number): number {
  list.count = 0
  return scanBlocks(bytes, start, end, 1, (at) => scanText(list, bytes, at, end))
}

function scanText(list: TextSpans, bytes: Uint8Array, start: number, end: number): number {
  const head = start < end ? (bytes[start] ?? 0) : 1
  let from = start + 1
  let length = head >> 1
  if (head > 127 || (head & 1) === 1) {
    from = readLong(scratchRecord, bytes, start, end)
    length = scratchRecord.long
    if (from < 0 || length < 0) return -1
  }
  const to = from + length
  if (to > end) return -1
  const spans = list.room(2)
  spans[2 * list.count] = from
  spans[2 * list.count++ + 1] = to
  return to
}

/** The blocks of an array; a block may state its size. */
function scanBlocks(bytes: Uint8Array, start: number, end: number, itemBytes: number, item: (p: number) => number): number {
  let p = start
  for (;;) {
    p = readLong(scratchRecord, bytes, p, end)
    if (p < 0) return -1
    let count = scratchRecord.long
    if (count === 0) return p
    let blockEnd = -1
    if (count < 0) {
      count = -count
      p = readLong(scratchRecord, bytes, p, end)
      if (p < 0) return -1
      blockEnd = p + scratchRecord.long
    }
    if (count > (end - p) / itemBytes) return -1
    for (; count > 0; count--) {
      p = item(p)
      if (p < 0) return -1
    }
    if (blockEnd !== -1 && p !== blockEnd) return -1
  }
}

/** Numbers of so many bytes have at most 32 bits. */
const INT_BYTES = 4
const HIGHEST_LONG = Number.MAX_SAFE_INTEGER - 1
const LOWEST_LONG = -0x10000000000000

/** Reads a long into `into.long`. @returns the position after it; -1 if it is not one that the decoder reads */
export function readLong(into: { long: number }, bytes: Uint8Array, start: number, end: number): number {
  // Ids and times of a boot have few bytes: without floating point.
  if (start + INT_BYTES <= end) {
    let bits = 0
    for (let at = 0; at < INT_BYTES; at++) {
      const byte = bytes[start + at] ?? 0
      bits |= (byte & 127) << (7 * at)
      if (byte > 127) continue
      into.long = (bits >>> 1) ^ -(bits & 1)
      return start + at + 1
    }
  }
  let magnitude = 0
  let scale = 1
  const last = Math.min(end, start + 10)
  for (let p = start; p < last; p++) {
    const byte = bytes[p] ?? 0
    magnitude += p === start ? (byte & 127) >> 1 : (byte & 127) * scale
    scale = p === start ? 64 : scale * 128
    if (byte > 127) continue
    const value = ((bytes[start] ?? 0) & 1) === 0 ? magnitude : -magnitude - 1
    if (value > HIGHEST_LONG || value < LOWEST_LONG) return -1
    into.long = value
    return p + 1
  }
  return -1
}

/** The int at a position that a scan has passed. */
export function intAt(bytes: Uint8Array, start: number): number {
  let bits = 0
  for (let at = start, shift = 0; shift < 35; at++, shift += 7) {
    const byte = bytes[at] ?? 0
    bits |= (byte & 127) << shift
    if (byte < 128) break
  }
  return (bits >>> 1) ^ -(bits & 1)
}

/** The position after an int. */
export function intEnd(record: { long: number }, bytes: Uint8Array, start: number, end: number): number {
  const last = Math.min(end, start + INT_BYTES)
  for (let p = start; p < last; p++) if ((bytes[p] ?? 0) < 128) return p + 1
  const p = readLong(record, bytes, start, end)
  return (record.long | 0) === record.long ? p : -1
}

/** Longs of so many bytes are exact. */
const EXACT_BYTES = 7
/** With one byte more, those are whose last byte is below: times since 1970. */
const EXACT_LAST_BYTE = 16

/** The position after a long. */
export function longEnd(record: { long: number }, bytes: Uint8Array, start: number, end: number): number {
  const last = Math.min(end, start + EXACT_BYTES)
  for (let p = start; p < last; p++) if ((bytes[p] ?? 0) < 128) return p + 1
  if (last < end && (bytes[last] ?? 0) < EXACT_LAST_BYTE) return last + 1
  return readLong(record, bytes, start, end)
}
