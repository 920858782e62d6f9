// Records in flight between the rings and the topic log: the ledger account of each (first in, first out, four bytes each)
// and the marks up to which a ring may be freed. Bounded by what the appender holds.

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

  /** Removes the oldest. @returns undefined when the queue is empty */
  shift(): number | undefined {
    if (this.#size === 0) return undefined
    const account = this.#items[this.#head]
    this.#head = (this.#head + 1) & (this.#items.length - 1)
    this.#size--
    return account
  }

  /** Returns the `index`-th oldest; undefined when there are fewer. */
  peek(index: number): number | undefined {
    return index < this.#size ? this.#items[(this.#head + index) & (this.#items.length - 1)] : undefined
  }

  /** Removes the newest. */
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

interface TopicMarks {
  appended: number
  acked: number
}

/** Tracks one ring. Positions and marks are bytes since the creation of the ring; the mark of a record is the position after it. */
export class AckTracker {
  readonly #topics = new Map<string, TopicMarks>()
  #handled = 0
  #safe = 0

  /** Position up to which everything was handled. */
  get handledPosition(): number {
    return this.#handled
  }

  /** A record that ends at `mark` was appended to `topic`. @returns the previous mark, for `retract` */
  appended(topic: string, mark: number): number {
    const marks = this.#topics.get(topic)
    if (marks === undefined) {
      this.#topics.set(topic, { appended: mark, acked: this.#safe })
      return this.#safe
    }
    const before = marks.appended
    marks.appended = mark
    return before
  }

  /** The last record was not taken. @param before what `appended` returned */
  retract(topic: string, before: number): void {
    const marks = this.#topics.get(topic)
    if (marks !== undefined) marks.appended = before
  }

  /** Everything before `position` was handled. */
  handled(position: number): void {
    if (position > this.#handled) this.#handled = position
  }

  /** Everything appended to `topic` up to `mark` is safe, or lost and counted. */
  acked(topic: string, mark: number): void {
    const marks = this.#topics.get(topic)
    if (marks !== undefined && mark > marks.acked) marks.acked = mark
  }

  /** Position up to which the ring may be freed. Only grows. @returns -1 when it has not grown since the last call */
  advance(): number {
    let position = this.#handled
    for (const { appended, acked } of this.#topics.values()) if (acked < appended && acked < position) position = acked
    if (position <= this.#safe) return -1
    this.#safe = position
    return position
  }
}
