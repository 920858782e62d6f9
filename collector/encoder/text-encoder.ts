// Kernel texts as Avro strings: copied if they are ASCII, otherwise validated as UTF-8 (RFC 3629); each invalid byte becomes U+FFFD, and the exact
// bytes go into the map `raw` of the event. Hot path: no strings are created; bytes go from the ring into the value.
import { AvroWriter } from '../../schemas/avro-writer.js'
import { copyBytes, pathOfWalked, reverseWalkedPath, walkedPathLength } from '../ring-events/record-texts.js'
import { invalidUtf8Bytes, utf8Sequence } from '../ring-events/utf8.js'
import type { EncodedRawTexts } from '../processes/encoded-process.js'

const VARINT_BYTES = 10

/** Writes source[start, end) as a string. @returns false if it was not valid UTF-8: the exact bytes belong in `raw` */
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

/** Writes the path of a walked path as a string. @returns same as writeText */
export function writeWalkedPath(writer: AvroWriter, walked: Uint8Array, start: number, end: number, isTruncated: boolean): boolean {
  const length = walkedPathLength(end - start, isTruncated)
  writer.ensure(VARINT_BYTES + length)
  const before = writer.position
  writer.long(length)
  const at = writer.position
  writer.position = at + length
  if (reverseWalkedPath(walked, start, end, isTruncated, writer.bytes, at) < 0x80) return true
  if (invalidUtf8Bytes(writer.bytes, at, at + length) === 0) return true
  writer.position = before
  const path = pathOfWalked(walked, start, end, isTruncated)
  return writeText(writer, path, 0, path.length)
}

/** Writes a text or null: the union of null and string. @returns same as writeText */
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

/** @returns the bitwise OR of the copied bytes: below 0x80 the text is ASCII */
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
    } else for (const after = index + sequence; index < after;) bytes[at++] = source[index++] as number
  }
  writer.position = at
}

/** Bytes of U+FFFD. */
const REPLACEMENT = [0xef, 0xbf, 0xbd] as const

/** No entries. */
export const NO_RAW_TEXTS: EncodedRawTexts = { count: 0, bytes: new Uint8Array(0) }

/** Collects the entries of one event or of one process. */
export class RawTexts {
  readonly #writer = new AvroWriter()
  #count = 0

  clear(): void {
    this.#count = 0
    this.#writer.reset()
  }

  /** Adds bytes[start, end) under the path of their field, such as `process.args.2`. */
  add(field: string, bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.#writer.text(field)
    this.#writer.bytesSpan(bytes, start, end)
    this.#count++
  }

  /** Adds encoded entries. */
  addAll(entries: EncodedRawTexts): void {
    if (entries.count === 0) return
    this.#writer.raw(entries.bytes, 0, entries.bytes.length)
    this.#count += entries.count
  }

  /** A copy of the collected entries. */
  take(): EncodedRawTexts {
    if (this.#count === 0) return NO_RAW_TEXTS
    return { count: this.#count, bytes: copyBytes(this.#writer.bytes, 0, this.#writer.position) }
  }

  /** Writes the field `raw`: null when nothing was collected. */
  write(writer: AvroWriter): void {
    if (this.#count === 0) return writer.int(0)
    writer.int(1)
    writer.blockStart(this.#count)
    writer.raw(this.#writer.bytes, 0, this.#writer.position)
    writer.blockEnd()
  }
}

/** Writes args[start, end) as an array; arguments that are not valid UTF-8 also go into `raw` as `<field>.<index>`. */
export function writeArguments(writer: AvroWriter, raw: RawTexts, field: string, args: Uint8Array, start: number, end: number): void {
  let count = 0
  for (let at = start; at < end; at++) if (args[at] === 0) count++
  if (end > start && args[end - 1] !== 0) count++
  writer.blockStart(count)
  let from = start
  for (let index = 0; index < count; index++) {
    let to = from
    while (to < end && args[to] !== 0) to++
    if (!writeText(writer, args, from, to)) raw.add(`${field}.${String(index)}`, args, from, to)
    from = to + 1
  }
  writer.blockEnd()
}
