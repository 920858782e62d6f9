// Pauses between attempts. The pause doubles with each failure up to a bound. Jitter prevents the instances of a fleet from retrying in step.
import { pause } from './clock.js'

/** Bounds of the pauses. */
export interface BackoffOptions {
  /** First pause, milliseconds. */
  readonly firstMs: number
  /** Longest pause, milliseconds. */
  readonly maxMs: number
  /** Number in [0, 1); default Math.random. */
  readonly random?: () => number
}

/** Exponential step before retry `attempt` (1 is the first retry), milliseconds, without jitter. */
export function backoffStepMs(attempt: number, firstMs: number, maxMs: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30))
}

/** Pause before retry `attempt` (1 is the first retry), milliseconds: between half and all of the exponential step. */
export function backoffMs(attempt: number, { firstMs, maxMs, random = Math.random }: BackoffOptions): number {
  return backoffStepMs(attempt, firstMs, maxMs) * (0.5 + random() / 2)
}

/** Counts the failed attempts of one series. */
export class Backoff {
  readonly #options: BackoffOptions
  #attempts = 0

  constructor(firstMs: number, maxMs: number) {
    this.#options = { firstMs, maxMs }
  }

  /** Failed attempts since the last reset. */
  get attempts(): number {
    return this.#attempts
  }

  reset(): void {
    this.#attempts = 0
  }

  /** Counts a failed attempt and returns the pause before the next one, milliseconds. */
  next(): number {
    return backoffMs(++this.#attempts, this.#options)
  }

  /** Counts a failed attempt and pauses; false if the signal ended the pause. */
  async wait(signal: AbortSignal): Promise<boolean> {
    return await pause(this.next(), signal)
  }
}
