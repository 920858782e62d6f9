// Reproducible random choices: the same seed makes the same choices on every machine.

/** A seeded source of choices (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 up to, but not including, the bound. */
  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  /** A whole number of the closed range. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** @throws RangeError for nothing to choose from */
  pick<T>(choices: readonly T[]): T {
    const at = this.below(choices.length)
    if (choices.length === 0) throw new RangeError('nothing to choose from')
    return choices[at] as T
  }

  /** A choice by weight. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let left = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, choice] of choices) {
      left -= weight
      if (left < 0) return choice
    }
    return this.pick(choices)[1]
  }

  /** The choices in another order. */
  shuffled<T>(choices: readonly T[]): T[] {
    const mixed = [...choices]
    for (let at = mixed.length - 1; at > 0; at--) {
      const other = this.below(at + 1)
      const previous = mixed[at] as T
      mixed[at] = mixed[other] as T
      mixed[other] = previous
    }
    return mixed
  }
}
