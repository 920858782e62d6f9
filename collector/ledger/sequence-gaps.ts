// Finds gaps in the sequence numbers of one topic and CPU: each missing number is a lost event, wherever it was lost.
// Programs can be preempted between counting and committing, so a number may come a little late: that is not a gap.

/** Most missing numbers that are stored in case they come late; of a longer gap the last ones. */
const REMEMBERED = 1024

/** Tracks the sequence of one topic on one CPU, from 1. */
export class SequenceGaps {
  #highest = 0
  #hasBegun: boolean
  readonly #absent = new Set<number>()
  /** Numbers below the highest that have not come. */
  missing = 0
  /** Numbers that came a second time, or too late to be stored. */
  repeated = 0
  /** Numbers that came after a higher one. */
  inversions = 0

  /** @param beginsLater an earlier collector saw the first numbers: the first number seen begins the sequence */
  constructor(beginsLater = false) {
    this.#hasBegun = !beginsLater
  }

  /** Highest number seen. */
  get highest(): number {
    return this.#highest
  }

  /** @returns false for a number that was seen before */
  see(seq: number): boolean {
    if (!this.#hasBegun) {
      this.#hasBegun = true
      this.#highest = seq - 1
    }
    if (seq === this.#highest + 1) {
      this.#highest = seq
      return true
    }
    if (seq > this.#highest) {
      this.#skipTo(seq)
      return true
    }
    if (this.#absent.delete(seq)) {
      this.missing--
      this.inversions++
      return true
    }
    this.repeated++
    return false
  }

  #skipTo(seq: number): void {
    this.missing += seq - this.#highest - 1
    for (let absent = Math.max(this.#highest + 1, seq - REMEMBERED); absent < seq; absent++) this.#absent.add(absent)
    for (const oldest of this.#absent) {
      if (this.#absent.size <= REMEMBERED) break
      this.#absent.delete(oldest)
    }
    this.#highest = seq
  }
}
