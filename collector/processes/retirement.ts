// What is over but may still be asked for: processes that ended and images that an exec replaced, in the order in which they ended.
// Bounded by time (of the events, so that a recording behaves like its kernel) and by number.

interface Retired {
  readonly sinceUs: number
  readonly forget: () => void
}

/** A queue of things to forget. */
export class Retirement {
  readonly #keepUs: number
  readonly #maxItems: number
  #items: Retired[] = []
  #head = 0
  /** Forgotten before their time because too many ended at once. */
  early = 0

  constructor(keepUs: number, maxItems: number) {
    this.#keepUs = keepUs
    this.#maxItems = maxItems
  }

  get size(): number {
    return this.#items.length - this.#head
  }

  /** Keeps something until `keepUs` after `nowUs`; forgets what is older than that. */
  add(nowUs: number, forget: () => void): void {
    this.#items.push({ sinceUs: nowUs, forget })
    this.expire(nowUs)
    if (this.size > this.#maxItems) {
      this.early++
      this.forgetOldest()
    }
  }

  /** Forgets what ended longer than `keepUs` ago. */
  expire(nowUs: number): void {
    for (let item = this.#items[this.#head]; item !== undefined && item.sinceUs + this.#keepUs < nowUs; item = this.#items[this.#head]) {
      this.forgetOldest()
    }
  }

  /** @returns false when there is nothing to forget */
  forgetOldest(): boolean {
    const item = this.#items[this.#head]
    if (item === undefined) return false
    this.#head++
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    item.forget()
    return true
  }
}
