// Which account of the ledger each record in flight belongs to, first in first out, four bytes a record.
// Bounded by the appender: what it holds is what waits here.

const INITIAL_RECORDS = 4096

/** A queue of small numbers that grows by doubling. */
export class AccountQueue {
  #items = new Int32Array(INITIAL_RECORDS)
  #head = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(account: number): void {
    if (this.#size === this.#items.length) this.#grow()
    this.#items[(this.#head + this.#size) & (this.#items.length - 1)] = account
    this.#size++
  }

  /** Takes the oldest. @returns undefined when there is none */
  shift(): number | undefined {
    if (this.#size === 0) return undefined
    const account = this.#items[this.#head]
    this.#head = (this.#head + 1) & (this.#items.length - 1)
    this.#size--
    return account
  }

  /** The `index`-th oldest, without taking it. @returns undefined when there are not so many */
  peek(index: number): number | undefined {
    return index < this.#size ? this.#items[(this.#head + index) & (this.#items.length - 1)] : undefined
  }

  /** Takes the newest back. */
  pop(): void {
    if (this.#size > 0) this.#size--
  }

  #grow(): void {
    const grown = new Int32Array(this.#items.length * 2)
    const untilEnd = this.#items.subarray(this.#head)
    grown.set(untilEnd)
    grown.set(this.#items.subarray(0, this.#head), untilEnd.length)
    this.#items = grown
    this.#head = 0
  }
}
