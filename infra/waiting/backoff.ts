// Pauses between attempts: doubled each time up to a bound, spread so that a fleet does not knock at the same moment, and ended by a stop.
import { setTimeout as sleep } from 'node:timers/promises'

/** Pauses of one series of attempts. */
export class Backoff {
  readonly #firstMs: number
  readonly #longestMs: number
  #attempts = 0

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs
    this.#longestMs = longestMs
  }

  /** Attempts that failed since the last reset. */
  get attempts(): number {
    return this.#attempts
  }

  reset(): void {
    this.#attempts = 0
  }

  /** Counts a failed attempt and gives the pause before the next one, milliseconds. */
  next(): number {
    const pause = Math.min(this.#firstMs * 2 ** Math.min(this.#attempts, 30), this.#longestMs)
    this.#attempts++
    return pause * (0.75 + Math.random() / 2)
  }

  /** Counts a failed attempt and waits; false when the signal ended the wait. */
  async wait(signal: AbortSignal): Promise<boolean> {
    return await sleep(this.next(), true, { signal }).catch(() => false)
  }
}
