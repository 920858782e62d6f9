// Ended processes and replaced images that late events may still need, in the order in which they ended.
// Bounded by time (of the events, so that a recording behaves like its kernel) and by number.

/** A queue of items to drop. */
export class Retirement<T> {
  readonly #keepUs: number
  readonly #maxItems: number
  readonly #forget: (item: T) => void
  #items: T[] = []
  /** End times of the items. */
  #endsUs: number[] = []
  #head = 0
  /** Items dropped before their time because too many ended at once. */
  early = 0

  constructor(keepUs: number, maxItems: number, forget: (item: T) => void) {
    this.#keepUs = keepUs
    this.#maxItems = maxItems
    this.#forget = forget
  }

  get size(): number {
    return this.#items.length - this.#head
  }

  /** Adds an item that ended at `endUs`. */
  add(endUs: number, item: T): void {
    this.#items.push(item)
    this.#endsUs.push(endUs)
    if (this.size <= this.#maxItems) return
    this.early++
    this.forgetOldest()
  }

  /** Yields the items with their end times, oldest first. */
  *entries(): Generator<readonly [endUs: number, item: T]> {
    for (let at = this.#head; at < this.#items.length; at++) {
      const item = this.#items[at]
      if (item !== undefined) yield [this.#endsUs[at] ?? 0, item]
    }
  }

  /** Drops items that ended more than `keepUs` before `nowUs`. */
  expire(nowUs: number): void {
    while (this.#head < this.#items.length && (this.#endsUs[this.#head] ?? 0) + this.#keepUs < nowUs) this.forgetOldest()
  }

  /** Drops the oldest item. @returns false when there is none */
  forgetOldest(): boolean {
    const item = this.#items[this.#head]
    if (item === undefined) return false
    this.#head++
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#endsUs = this.#endsUs.slice(this.#head)
      this.#head = 0
    }
    this.#forget(item)
    return true
  }
}
