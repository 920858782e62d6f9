// How far one ring may be freed: everything before the position is acknowledged by its topic, or needed none.
// A ring feeds one or more topics; each acknowledges its own records in their order.

interface TopicMarks {
  appended: number
  acked: number
}

/** Follows one ring. Positions and marks are bytes since the creation of the ring; the mark of a record is the position behind it. */
export class AckTracker {
  readonly #topics = new Map<string, TopicMarks>()
  #handled = 0
  #safe = 0

  /** Position up to which everything was looked at. */
  get handledPosition(): number {
    return this.#handled
  }

  /** A record that ends at `mark` was given to `topic`. @returns the mark before, for `retract` */
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

  /** The record given last was not taken. @param before what `appended` returned */
  retract(topic: string, before: number): void {
    const marks = this.#topics.get(topic)
    if (marks !== undefined) marks.appended = before
  }

  /** Everything before `position` was looked at. */
  handled(position: number): void {
    if (position > this.#handled) this.#handled = position
  }

  /** Everything given to `topic` with a mark up to `mark` is safe, or lost and counted. */
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
