// Unions of masks, numbered in the order in which they come: what was found in a value is one number, and what follows from it is looked up, not computed.

/** A union that got no number, because there are too many: it is in `scratch` until the next one. */
export const NOT_NUMBERED = -1

/** Most numbers; more are given out after `clear`. */
const MOST_UNIONS = 2048
/** Unions that are remembered, for each mask, and at most. Powers of two. */
const FOR_EACH = 4
const MOST_REMEMBERED = 1024
/** No number. */
const NOTHING = -2

/** The unions of the masks of one pool with a base. */
export class MaskUnions {
  readonly #base: Uint32Array
  readonly #pool: Uint32Array
  readonly #numbers = new Map<string, number>()
  readonly #unions: Uint32Array[] = []
  readonly #scratch: Uint32Array
  /** The unions that were asked for last: number and mask, and the number of both. */
  readonly #from: Int32Array
  readonly #mask: Int32Array
  readonly #to: Int32Array

  /** @param pool masks as long as `base`, one after the other; a mask is named by its place */
  constructor(base: Uint32Array, pool: Uint32Array) {
    this.#base = base
    this.#pool = pool
    this.#scratch = new Uint32Array(base.length)
    const masks = Math.max(1, pool.length / base.length)
    const remembered = Math.min(MOST_REMEMBERED, FOR_EACH * 2 ** Math.ceil(Math.log2(masks)))
    this.#from = new Int32Array(remembered)
    this.#mask = new Int32Array(remembered)
    this.#to = new Int32Array(remembered)
    this.clear()
  }

  /** The number of a union with one more mask. Number 0 is the base. */
  join(number: number, mask: number): number {
    const at = (Math.imul(number, 0x9e3779b1) ^ (Math.imul(mask, 0x85ebca6b) >>> 15)) & (this.#to.length - 1)
    if (this.#from[at] === number && this.#mask[at] === mask) return this.#to[at] ?? NOT_NUMBERED
    const words = this.words(number)
    const union = this.#scratch
    for (let word = 0; word < union.length; word++) union[word] = (words[word] ?? 0) | (this.#pool[mask + word] ?? 0)
    const both = this.#numberOf(union)
    if (number !== NOT_NUMBERED && both !== NOT_NUMBERED) {
      this.#from[at] = number
      this.#mask[at] = mask
      this.#to[at] = both
    }
    return both
  }

  /** The number of any words. */
  of(words: Uint32Array): number {
    this.#scratch.set(words)
    return this.#numberOf(this.#scratch)
  }

  words(number: number): Uint32Array {
    return this.#unions[number] ?? this.#scratch
  }

  /** Takes all numbers back. */
  clear(): void {
    this.#numbers.clear()
    this.#unions.length = 0
    this.#from.fill(NOTHING)
    this.of(this.#base)
  }

  #numberOf(words: Uint32Array): number {
    const key = Buffer.from(words.buffer, words.byteOffset, words.byteLength).toString('latin1')
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    if (this.#unions.length === MOST_UNIONS) return NOT_NUMBERED
    this.#numbers.set(key, this.#unions.push(words.slice()) - 1)
    return this.#unions.length - 1
  }
}
