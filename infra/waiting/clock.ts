// Time as functions see it: deadlines and waits. Passed in, so that tests turn it by hand.
import { setTimeout as delay } from 'node:timers/promises'

/** Wall time and waiting. */
export interface Clock {
  /** Unix time, microseconds. */
  nowUs(): number
  /** Resolves after `ms`, or at once when `signal` is or becomes aborted; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** The clock of this machine. */
export const SYSTEM_CLOCK: Clock = {
  nowUs: () => Date.now() * 1000,
  async sleep(ms, signal) {
    if (signal.aborted || ms <= 0) return
    await delay(ms, undefined, { signal }).catch(() => undefined)
  },
}
