// Walks untrusted Avro bytes: every step is bounded by the end of the span, and nothing is allocated.
// A fault is thrown as MalformedAvro with its position; record-decoder.ts converts it to an error of ours.
// @see https://avro.apache.org/docs/1.12.0/specification/#binary-encoding

/** Bytes that are not a value of their schema, or one that can't be read exactly. Only thrown inside schemas/. */
export class MalformedAvro extends Error {
  /** Byte within the span. */
  readonly offset: number

  constructor(reason: string, offset: number) {
    super(reason)
    this.offset = offset
  }
}

/** Items without bytes (null, or an empty record) that one value may have: a few bytes could claim any number of them. */
const MAX_EMPTY_ITEMS = 65_536
/** 2^27: the weight of the lowest bit of the fifth byte of a number without its sign. */
const FIFTH_BYTE = 0x8000000
/** 2^52: avsc (5.7) adds the sign bit in floating point, so a negative number below this would read as a positive one. */
const LOWEST_LONG = -0x10000000000000
/** 2^53 - 2: the largest long that avsc reads. */
const HIGHEST_LONG = Number.MAX_SAFE_INTEGER - 1
const EMPTY = new Uint8Array(0)

/** A position in a span, moving from `start` to `end`. */
export class BoundedCursor {
  #bytes: Uint8Array = EMPTY
  #start = 0
  #position = 0
  #end = 0
  #emptyItems = 0

  /** Begins at bytes[start, end). @throws RangeError for a span outside `bytes` */
  load(bytes: Uint8Array, start: number, end: number): void {
    if (!(start >= 0 && start <= end && end <= bytes.length)) throw new RangeError('the span lies outside the buffer')
    this.#bytes = bytes
    this.#start = start
    this.#position = start
    this.#end = end
    this.#emptyItems = 0
  }

  /** The position in the bytes that contain the span. */
  get position(): number {
    return this.#position
  }

  /** Bytes between the start of the span and the position. */
  get offset(): number {
    return this.#position - this.#start
  }

  /** Bytes between the position and the end of the span. */
  get left(): number {
    return this.#end - this.#position
  }

  /** Stops the walk. @param reason what is wrong at the position */
  fail(reason: string): never {
    throw new MalformedAvro(reason, this.offset)
  }

  /** A boolean. */
  boolean(): void {
    const byte = this.#byte()
    if (byte > 1) this.fail(`${String(byte)} is not a boolean`)
  }

  /** An int: also the number of an enum symbol or union branch. */
  int(): number {
    const value = this.long()
    if ((value | 0) !== value) this.fail(`${String(value)} is not a 32-bit integer`)
    return value
  }

  /** A long. One that a number does not hold exactly is rejected. */
  long(): number {
    const first = this.#byte()
    if (first < 128) return (first >> 1) ^ -(first & 1)
    // The sign is the lowest bit; the magnitude is assembled without it, so that it is exact up to 2^53.
    let byte = this.#byte()
    let magnitude = ((first & 127) >> 1) | ((byte & 127) << 6)
    for (let shift = 13; byte > 127 && shift < 27; shift += 7) {
      byte = this.#byte()
      magnitude |= (byte & 127) << shift
    }
    let scale = FIFTH_BYTE
    for (let count = 4; byte > 127; count++) {
      if (count === 10) this.fail('a number has more than ten bytes')
      byte = this.#byte()
      magnitude += (byte & 127) * scale
      scale *= 128
    }
    const value = (first & 1) === 0 ? magnitude : -magnitude - 1
    if (value > HIGHEST_LONG || value < LOWEST_LONG) this.fail('a number is too large to be read exactly (2^53)')
    return value
  }

  /** The branch of a union of null and another type: true for the other. */
  isSecondBranch(): boolean {
    const index = this.int()
    if (index !== 0 && index !== 1) this.fail(`there is no union branch ${String(index)}`)
    return index === 1
  }

  /** A string or bytes. */
  bytes(): void {
    const length = this.long()
    if (length < 0 || length > this.left) this.fail(`a length of ${String(length)} does not fit`)
    this.#position += length
  }

  /** `size` bytes. */
  fixed(size: number): void {
    if (size > this.left) this.fail('the value ends too early')
    this.#position += size
  }

  /**
   * All blocks of an array or map. A count that the remaining bytes can't hold is rejected before its items are walked, and a block that states
   * its size in bytes must have that size, because readers may skip it.
   * @param itemBytes fewest bytes of one item
   */
  blocks(itemBytes: number, walkItem: (cursor: BoundedCursor, index: number) => void): void {
    let index = 0
    for (let count = this.long(); count !== 0; count = this.long()) {
      const size = count < 0 ? this.long() : -1
      const start = this.#position
      if (count < 0) count = -count
      this.#checkCount(count, itemBytes)
      for (let left = count; left > 0; left--) walkItem(this, index++)
      if (size !== -1 && this.#position - start !== size) this.fail(`a block does not have the ${String(size)} bytes that it claims`)
    }
  }

  #checkCount(count: number, itemBytes: number): void {
    if (itemBytes > 0) {
      if (count > this.left / itemBytes) this.fail(`${String(count)} items do not fit`)
      return
    }
    this.#emptyItems += count
    if (this.#emptyItems > MAX_EMPTY_ITEMS) this.fail(`more than ${String(MAX_EMPTY_ITEMS)} items without bytes`)
  }

  #byte(): number {
    if (this.#position >= this.#end) this.fail('the value ends too early')
    return this.#bytes[this.#position++] ?? 0
  }
}
