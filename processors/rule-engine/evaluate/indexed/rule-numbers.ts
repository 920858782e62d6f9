// A set of rules by their numbers, as bits: it is filled, read in order and emptied for every event.

const WORD_BITS = 32

/** Numbers from 0 to below its size. */
export class RuleNumbers {
  readonly #words: Uint32Array

  constructor(size: number) {
    this.#words = new Uint32Array(Math.ceil(size / WORD_BITS))
  }

  /** Takes the numbers of another set of the same size, and no others. */
  become(other: RuleNumbers): void {
    this.#words.set(other.#words)
  }

  /** Takes the numbers of another set of the same size, too. */
  join(other: RuleNumbers): void {
    const words = this.#words
    for (let word = 0; word < words.length; word++) words[word] = (words[word] ?? 0) | (other.#words[word] ?? 0)
  }

  add(number: number): void {
    const word = number >>> 5
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (number & 31))
  }

  /** The first number from one on; -1 when there is none. */
  next(from: number): number {
    const words = this.#words
    let word = from >>> 5
    let bits = (words[word] ?? 0) & (-1 << (from & 31))
    while (bits === 0) {
      if (++word >= words.length) return -1
      bits = words[word] ?? 0
    }
    // The lowest bit alone.
    return word * WORD_BITS + (31 - Math.clz32(bits & -bits))
  }
}
