// The distinct byte strings of a column, numbered in the order in which they came. Bytes are compared, no text is created.
import { isUtf8 } from 'node:buffer'

const FIRST_SLOTS = 256
/** So many values are compared, at most: bytes that are made to have the same hash are then numbered again, which is only longer. */
const MOST_PROBES = 64

/** Bytes to numbers 0, 1, 2 … */
export class ByteDictionary {
  /** Number plus one by hash; 0 for none. Its length is a power of two. */
  #slots = new Int32Array(FIRST_SLOTS)
  #hashes = new Int32Array(FIRST_SLOTS)
  #ends = new Int32Array(FIRST_SLOTS)
  #arena = Buffer.allocUnsafeSlow(FIRST_SLOTS * 16)
  readonly #isText: boolean
  #count = 0
  #last = 0

  /** @param isText what is not UTF-8 is replaced: readers refuse a whole file for it */
  constructor(isText: boolean) {
    this.#isText = isText
  }

  get count(): number {
    return this.#count
  }

  /** Bytes of all of them. */
  get bytes(): number {
    return this.#startOf(this.#count)
  }

  /** The number of bytes[start, end). */
  numberOf(bytes: Uint8Array, start: number, end: number): number {
    // Columns repeat their last value more often than any other.
    if (this.#count > 0 && this.isAt(this.#last, bytes, start, end)) return this.#last
    const hash = hashOf(bytes, start, end)
    const mask = this.#slots.length - 1
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const slot = (hash + probe) & mask
      const held = this.#slots[slot] ?? 0
      if (held === 0) return (this.#last = this.#add(bytes, start, end, hash, slot))
      if (this.#hashes[held - 1] === hash && this.isAt(held - 1, bytes, start, end)) return (this.#last = held - 1)
    }
    return (this.#last = this.#add(bytes, start, end, hash, -1))
  }

  /** Adds bytes that are known to be new, without looking for them; `numberOf` does not find them. */
  append(bytes: Uint8Array, start: number, end: number): number {
    return this.#add(bytes, start, end, 0, -1)
  }

  /** Length of the bytes of a number. */
  lengthOf(number: number): number {
    return (this.#ends[number] ?? 0) - this.#startOf(number)
  }

  /** Whether bytes[start, end) are those of a number. */
  isAt(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#startOf(number)
    const to = this.#ends[number] ?? 0
    const length = to - from
    if (length !== end - start) return false
    const arena = this.#arena
    // Others differ in their last byte or in one of the middle, nearly always: comparing long ones is a call into C++.
    if (length > 0 && (arena[to - 1] !== bytes[end - 1] || arena[from + (length >> 1)] !== bytes[start + (length >> 1)])) return false
    if (length > 64) return arena.compare(bytes, start, end, from, to) === 0
    // From the end: paths and names differ there.
    for (let a = to - 2, b = end - 2; a >= from; a--, b--) if (arena[a] !== bytes[b]) return false
    return true
  }

  /** The bytes of a number; a view that is valid until the next `numberOf`. */
  at(number: number): Buffer {
    return this.#arena.subarray(this.#startOf(number), this.#ends[number])
  }

  /** Forgets all. */
  clear(): void {
    if (this.#slots.length > 65_536) this.#slots = new Int32Array(FIRST_SLOTS)
    else this.#slots.fill(0)
    this.#count = 0
  }

  #startOf(number: number): number {
    return number === 0 ? 0 : (this.#ends[number - 1] ?? 0)
  }

  #add(given: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const number = this.#count++
    let bytes = given.subarray(start, end)
    if (this.#isText && !isUtf8(bytes)) bytes = Buffer.from(new TextDecoder().decode(bytes))
    const from = this.#startOf(number)
    const to = from + bytes.length
    if (to > this.#arena.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(to, this.#arena.length * 2))
      this.#arena.copy(grown, 0, 0, from)
      this.#arena = grown
    }
    this.#arena.set(bytes, from)
    if (number >= this.#ends.length) {
      this.#ends = doubled(this.#ends)
      this.#hashes = doubled(this.#hashes)
    }
    this.#ends[number] = to
    this.#hashes[number] = hash
    if (slot >= 0) this.#slots[slot] = number + 1
    if (this.#count * 2 > this.#slots.length) this.#rehash()
    return number
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2)
    const mask = slots.length - 1
    for (let number = 0; number < this.#count; number++) {
      for (let probe = 0; probe < MOST_PROBES; probe++) {
        const slot = ((this.#hashes[number] ?? 0) + probe) & mask
        if (slots[slot] !== 0) continue
        slots[slot] = number + 1
        break
      }
    }
    this.#slots = slots
  }
}

function doubled(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(numbers.length * 2)
  grown.set(numbers)
  return grown
}

/** As FNV-1a, but of four bytes at a time. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5
  let i = start
  for (; i + 4 <= end; i += 4) {
    const word = (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24)
    hash = Math.imul(hash ^ word, 0x01000193)
    hash ^= hash >>> 15
  }
  for (; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193)
  return hash ^ (hash >>> 13)
}
