// Reads Avro primitives from a span of bytes that may come from anybody: every read is bounded by the end of the span.
// What is wrong is thrown as MalformedAvro with the position; codec.ts makes an error of ours from it.
// Hot path: numbers of one or two bytes, which most are, return before the loop for longer ones.
// @see https://avro.apache.org/docs/1.12.0/specification/#binary-encoding

/** Bytes that no writer of Avro makes. Only thrown inside schemas/. */
export class MalformedAvro extends Error {
  /** Byte within the span that was read. */
  readonly offset: number

  constructor(reason: string, offset: number) {
    super(reason)
    this.offset = offset
  }
}

/** Items without bytes (null, or an empty record) that one value may have: a few bytes could claim any number. */
const MAX_EMPTY_ITEMS = 65_536
/** 2^28: the value of the fifth byte's lowest bit. */
const FIFTH_BYTE = 0x10000000
const EMPTY = Buffer.alloc(0)

/** A position in a span, moving from `start` to `end`. */
export class AvroReader {
  bytes: Buffer = EMPTY
  position = 0
  end = 0
  #start = 0
  #source: Uint8Array = EMPTY
  #emptyItems = 0

  /** Begins at bytes[start, end). Nothing is copied. @throws RangeError for a span outside `bytes` */
  load(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.#source) {
      this.#source = bytes
      this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    if (!(start >= 0 && start <= end && end <= bytes.length)) throw new RangeError('the span lies outside the buffer')
    this.#start = start
    this.position = start
    this.end = end
    this.#emptyItems = 0
  }

  /** Bytes between the start of the span and the position. */
  get offset(): number {
    return this.position - this.#start
  }

  /** Stops reading: `reason` says what is wrong at the position. */
  fail(reason: string): never {
    throw new MalformedAvro(reason, this.offset)
  }

  /** The next byte. */
  byte(): number {
    if (this.position >= this.end) this.fail('the value ends too early')
    return this.bytes[this.position++] ?? 0
  }

  /** A boolean. */
  boolean(): boolean {
    const byte = this.byte()
    if (byte > 1) this.fail(`${String(byte)} is no boolean`)
    return byte === 1
  }

  /** An int: also the number of an enum symbol. */
  int(): number {
    const value = this.long()
    if ((value | 0) !== value) this.fail(`${String(value)} is no 32-bit integer`)
    return value
  }

  /** A long that a JavaScript number holds exactly; others are refused. */
  long(): number {
    const first = this.byte()
    if (first < 128) return (first >> 1) ^ -(first & 1)
    const second = this.byte()
    if (second < 128) return ((first & 127) >> 1) ^ -(first & 1) ^ (second << 6)
    return this.#longTail(first, second)
  }

  // The sign is the lowest bit, so the magnitude is put together without it and fits 53 bits exactly.
  #longTail(first: number, second: number): number {
    let low = ((first & 127) | ((second & 127) << 7)) >>> 1
    let byte = second
    let shift = 13
    while (byte > 127 && shift < 27) {
      byte = this.byte()
      low |= (byte & 127) << shift
      shift += 7
    }
    let magnitude = low
    let scale = FIFTH_BYTE / 2
    for (let count = 4; byte > 127; count++) {
      if (count === 10) this.fail('a number has more than ten bytes')
      byte = this.byte()
      magnitude += (byte & 127) * scale
      scale *= 128
    }
    if (magnitude > Number.MAX_SAFE_INTEGER) this.fail('a number is 2^53 or more')
    return (first & 1) === 0 ? magnitude : -magnitude - 1
  }

  /** Steps over an int or long without looking at its range. */
  skipLong(): void {
    for (let count = 0; this.byte() > 127; count++) {
      if (count === 9) this.fail('a number has more than ten bytes')
    }
  }

  float(): number {
    this.#take(4)
    return this.bytes.readFloatLE(this.position - 4)
  }

  double(): number {
    this.#take(8)
    return this.bytes.readDoubleLE(this.position - 8)
  }

  /** A string; bytes that are no UTF-8 read as U+FFFD. */
  string(): string {
    const length = this.#length()
    const start = this.position
    this.position = start + length
    return this.bytes.toString('utf8', start, this.position)
  }

  /** Bytes, copied: they outlive the span. */
  copyOfBytes(): Uint8Array {
    return this.copyOfFixed(this.#length())
  }

  /** `size` bytes, copied. */
  copyOfFixed(size: number): Uint8Array {
    this.#take(size)
    return new Uint8Array(this.bytes.subarray(this.position - size, this.position))
  }

  /** Steps over a string or bytes. */
  skipBytes(): void {
    this.position += this.#length()
  }

  /** Steps over `size` bytes. */
  skipFixed(size: number): void {
    this.#take(size)
  }

  /**
   * The number of items in the next block of an array or map, 0 behind the last one. A negative count with its size in bytes reads as the
   * count. A count that the bytes left can't hold is refused before anything is allocated for it.
   * @param itemBytes fewest bytes of one item
   */
  blockCount(itemBytes: number): number {
    let count = this.long()
    if (count < 0) {
      count = -count
      const size = this.long()
      if (size < 0 || size > this.end - this.position) this.fail(`a block of ${String(size)} bytes does not fit`)
    }
    if (itemBytes > 0) {
      if (count > (this.end - this.position) / itemBytes) this.fail(`${String(count)} items do not fit`)
    } else {
      this.#emptyItems += count
      if (this.#emptyItems > MAX_EMPTY_ITEMS) this.fail(`more than ${String(MAX_EMPTY_ITEMS)} items without bytes`)
    }
    return count
  }

  #length(): number {
    const length = this.long()
    if (length < 0 || length > this.end - this.position) this.fail(`a length of ${String(length)} does not fit`)
    return length
  }

  #take(count: number): void {
    if (count > this.end - this.position) this.fail('the value ends too early')
    this.position += count
  }
}
