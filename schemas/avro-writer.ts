// Writes Avro primitives into one reused buffer that grows: the collector encodes a value without an object per event.
// The caller knows the schema and writes its fields in order; only ranges are checked here.
// Hot path: bounds are checked once per primitive, and varints of small numbers use the bit operations of 32-bit integers.

const INITIAL_BYTES = 4096
/** Longest varint of a 64-bit number. */
const VARINT_BYTES = 10
/** Up to this length a text is tried as ASCII, byte by byte, which is faster than a call into C++. */
const SHORT_TEXT = 48
/** 2^30: below it zigzag stays within 31 bits. */
const SMALL = 0x40000000
/** Zigzag of numbers below it takes four bytes of seven bits. */
const FOUR_BYTES = 2 ** 27

/** @see https://avro.apache.org/docs/1.12.0/specification/#binary-encoding */
export class AvroWriter {
  /** Contains what was written at [0, position). Replaced when it grows: read it again after every write. */
  bytes: Buffer
  /** Where the next byte goes. May be set back to discard what was written last. */
  position = 0

  constructor(initialBytes = INITIAL_BYTES) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes)
  }

  /** Discards what was written. */
  reset(): void {
    this.position = 0
  }

  /** Makes room for `count` more bytes. */
  ensure(count: number): void {
    const needed = this.position + count
    if (needed <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.position)
    this.bytes = grown
  }

  /** An int, the index of an enum symbol, or the branch of a union. @throws RangeError outside 32 bits */
  int(value: number): void {
    if ((value | 0) !== value) throw new RangeError(`${String(value)} is not a 32-bit integer`)
    this.long(value)
  }

  /** A long. @throws RangeError for anything but an integer that a number holds exactly (below 2^53) */
  long(value: number): void {
    this.ensure(VARINT_BYTES)
    const bytes = this.bytes
    let at = this.position
    if (value < SMALL && value >= -SMALL && (value | 0) === value) {
      let zigzag = (value << 1) ^ (value >> 31)
      while (zigzag > 127) {
        bytes[at++] = (zigzag & 127) | 128
        zigzag >>>= 7
      }
      bytes[at++] = zigzag
    } else {
      if (!Number.isSafeInteger(value)) throw new RangeError(`${String(value)} is not an integer below 2^53`)
      // Zigzag of 53 bits needs 54: four bytes take the sign and 27 bits, and the rest, which is not 0 here, fits again.
      const isNegative = value < 0
      const magnitude = isNegative ? -value - 1 : value
      let rest = Math.floor(magnitude / FOUR_BYTES)
      const low = ((magnitude - rest * FOUR_BYTES) << 1) | (isNegative ? 1 : 0)
      bytes[at++] = low | 128
      bytes[at++] = (low >>> 7) | 128
      bytes[at++] = (low >>> 14) | 128
      bytes[at++] = (low >>> 21) | 128
      while (rest > 127) {
        bytes[at++] = rest | 128
        rest >>>= 7
      }
      bytes[at++] = rest
    }
    this.position = at
  }

  /** A boolean: one byte. */
  boolean(value: boolean): void {
    this.ensure(1)
    this.bytes[this.position++] = value ? 1 : 0
  }

  /** The branch null of `count` unions that have it first: fields without a value, one after another. */
  nulls(count: number): void {
    this.ensure(count)
    const end = this.position + count
    // For a few bytes, a loop is faster than a call into C++.
    for (let at = this.position; at < end; at++) this.bytes[at] = 0
    this.position = end
  }

  /** A float: four bytes, little endian. */
  float(value: number): void {
    this.ensure(4)
    this.position = this.bytes.writeFloatLE(value, this.position)
  }

  /** A double: eight bytes, little endian. */
  double(value: number): void {
    this.ensure(8)
    this.position = this.bytes.writeDoubleLE(value, this.position)
  }

  /** Bytes, or a string that is valid UTF-8 already: the length, then source[start, end). */
  bytesSpan(source: Uint8Array, start: number, end: number): void {
    this.long(end - start)
    this.raw(source, start, end)
  }

  /** A string. Half of a surrogate pair is written as U+FFFD. */
  text(value: string): void {
    const length = value.length
    this.ensure(VARINT_BYTES + length * 3)
    if (length <= SHORT_TEXT && this.#shortAscii(value, length)) return
    this.long(Buffer.byteLength(value, 'utf8'))
    this.position += this.bytes.write(value, this.position, 'utf8')
  }

  #shortAscii(value: string, length: number): boolean {
    const bytes = this.bytes
    // A length below 64 is one byte of zigzag.
    let at = this.position + 1
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code > 127) return false
      bytes[at++] = code
    }
    bytes[this.position] = length << 1
    this.position = at
    return true
  }

  /** Bytes that are Avro already, such as the body of a nested record: source[start, end) as it is. */
  raw(source: Uint8Array, start: number, end: number): void {
    const length = end - start
    this.ensure(length)
    this.bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), this.position)
    this.position += length
  }

  /** Begins an array or a map of `count` items, which the caller writes next, followed by `blockEnd`. */
  blockStart(count: number): void {
    if (count > 0) this.long(count)
  }

  /** Ends an array or a map. */
  blockEnd(): void {
    this.ensure(1)
    this.bytes[this.position++] = 0
  }
}
