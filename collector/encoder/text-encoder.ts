// Kernel text to Avro string: copied while it is ASCII, checked when it is not, each wrong byte replaced by U+FFFD.
// Hot path: makes no strings; the bytes go from the ring into the value.
import type { AvroWriter } from '../../schemas/avro-writer.js'
import { pathOfWalked, turnWalkedPath, walkedPathLength } from '../ring-events/walked-path.js'
import { invalidUtf8Bytes, REPLACEMENT, utf8Sequence } from './utf8.js'

const VARINT_BYTES = 10

/** Writes source[start, end) as a string. @returns false when it was not valid UTF-8: the exact bytes belong into `raw` */
export function writeText(writer: AvroWriter, source: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  writer.ensure(VARINT_BYTES + length)
  const before = writer.position
  writer.long(length)
  if (copy(writer, source, start, end) < 0x80) return true
  const invalid = invalidUtf8Bytes(source, start, end)
  if (invalid === 0) return true
  writer.position = before
  writeReplaced(writer, source, start, end, length + 2 * invalid)
  return false
}

/** Writes the path that a walked path stands for as a string. @returns as writeText does */
export function writeWalkedPath(writer: AvroWriter, walked: Uint8Array, start: number, end: number, isTruncated: boolean): boolean {
  const length = walkedPathLength(end - start, isTruncated)
  writer.ensure(VARINT_BYTES + length)
  const before = writer.position
  writer.long(length)
  const at = writer.position
  writer.position = at + length
  if (turnWalkedPath(walked, start, end, isTruncated, writer.bytes, at) < 0x80) return true
  if (invalidUtf8Bytes(writer.bytes, at, at + length) === 0) return true
  writer.position = before
  const path = pathOfWalked(walked, start, end, isTruncated)
  return writeText(writer, path, 0, path.length)
}

/** Writes a whole text that is null when there is none: the union of null and string. @returns as writeText does */
export function writeOptionalText(writer: AvroWriter, text: Uint8Array | null): boolean {
  writer.int(text === null ? 0 : 1)
  return text === null || writeText(writer, text, 0, text.length)
}

/** Writes an unsigned 64-bit number in decimal as a string. */
export function writeDecimal(writer: AvroWriter, low: number, high: number): void {
  if (high !== 0) return writer.text(((BigInt(high) << 32n) | BigInt(low)).toString())
  let digits = 1
  for (let limit = 10; limit <= low; limit *= 10) digits++
  writer.ensure(VARINT_BYTES + digits)
  writer.long(digits)
  const bytes = writer.bytes
  let rest = low
  for (let at = writer.position + digits - 1; at >= writer.position; at--) {
    bytes[at] = 0x30 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
  writer.position += digits
}

/** @returns the copied bytes or-ed: below 0x80 the text is ASCII */
function copy(writer: AvroWriter, source: Uint8Array, start: number, end: number): number {
  const bytes = writer.bytes
  let at = writer.position
  writer.position = at + (end - start)
  let seen = 0
  for (let index = start; index < end; index++) {
    const byte = source[index] as number
    seen |= byte
    bytes[at++] = byte
  }
  return seen
}

function writeReplaced(writer: AvroWriter, source: Uint8Array, start: number, end: number, length: number): void {
  writer.ensure(VARINT_BYTES + length)
  writer.long(length)
  const bytes = writer.bytes
  let at = writer.position
  for (let index = start; index < end;) {
    const sequence = utf8Sequence(source, index, end)
    if (sequence === 0) {
      for (const byte of REPLACEMENT) bytes[at++] = byte
      index++
    } else for (const behind = index + sequence; index < behind;) bytes[at++] = source[index++] as number
  }
  writer.position = at
}
