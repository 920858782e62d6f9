// The clock of functions, which tests replace, and waits with a time limit.
import { setTimeout as delay } from 'node:timers/promises'

/** Wall time and waiting. */
export interface Clock {
  /** Unix time, microseconds. */
  nowUs(): number
  /** Resolves after `ms`, or as soon as `signal` is aborted; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** The clock of this machine. */
export const SYSTEM_CLOCK: Clock = {
  nowUs: () => Date.now() * 1000,
  async sleep(ms, signal) {
    if (ms > 0) await pause(ms, signal)
  },
}

/** Resolves after `ms` (at once for less than 0, of which Node 24 warns) with true, or as soon as `signal` is aborted with false; never rejects. */
export async function pause(ms: number, signal?: AbortSignal): Promise<boolean> {
  return await delay(Math.max(0, ms), true, signal === undefined ? {} : { signal }).catch(() => false)
}

/** Resolves with true if `work` resolves within `ms`, with false if it is late; rejects if `work` rejects in that time. Leaves no timer. */
export async function within(ms: number, work: Promise<unknown> | undefined): Promise<boolean> {
  const timer = new AbortController()
  try {
    return await Promise.race([Promise.resolve(work).then(() => true), pause(ms, timer.signal).then(() => false)])
  } finally {
    timer.abort()
  }
}

/** How often a condition is checked, and for how long. */
export interface DeadlineOptions {
  readonly timeoutMs: number
  /** Default 25. */
  readonly everyMs?: number
}

/** Polls until `condition` holds. @returns false if it did not in time. For starts and stops, never per event. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, options: DeadlineOptions): Promise<boolean> {
  const end = performance.now() + options.timeoutMs
  for (;;) {
    if (await condition()) return true
    if (performance.now() >= end) return false
    await pause(options.everyMs ?? 25)
  }
}
