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
    if (this.#count > 0 && this.#isAt(this.#last, bytes, start, end)) return this.#last
    const hash = hashOf(bytes, start, end)
    const mask = this.#slots.length - 1
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const slot = (hash + probe) & mask
      const held = this.#slots[slot] ?? 0
      if (held === 0) return (this.#last = this.#add(bytes, start, end, hash, slot))
      if (this.#hashes[held - 1] === hash && this.#isAt(held - 1, bytes, start, end)) return (this.#last = held - 1)
    }
    return (this.#last = this.#add(bytes, start, end, hash, -1))
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

  #isAt(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#startOf(number)
    const to = this.#ends[number] ?? 0
    if (to - from !== end - start) return false
    if (to - from > 64) return this.#arena.compare(bytes, start, end, from, to) === 0
    const arena = this.#arena
    // From the end: paths and names differ there.
    for (let a = to - 1, b = end - 1; a >= from; a--, b--) if (arena[a] !== bytes[b]) return false
    return true
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

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193)
  return hash ^ (hash >>> 15)
}
