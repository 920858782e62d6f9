// Waiting for a state in tests: check, and check again. A wait ends when nothing moves any more, not when a time is over that a slow machine
// may need. Never sleep for a fixed time instead.
import { setTimeout as delay } from 'node:timers/promises'

/** How long a wait goes on. */
export interface Patience {
  /** What changes while the state comes nearer: each new value renews the wait. Without it the wait ends after `quietMs`. */
  readonly progress?: () => unknown
  /** Longest time without progress, milliseconds. Default 60,000: far more than a step takes, since only a failure waits for so long. */
  readonly quietMs?: number
  /** Longest wait in all, milliseconds. Default six times `quietMs`. */
  readonly maxMs?: number
  /** Pause between two checks, milliseconds. Default 20. */
  readonly everyMs?: number
}

const QUIET_MS = 60_000
const MAX_QUIET_TIMES = 6

/** Resolves with the first truthy value of `check`. An error of `check` ends the wait. @throws Error with what was awaited, when nothing moves */
export async function waitFor<T>(what: string, check: () => T | Promise<T>, patience: Patience = {}): Promise<NonNullable<T>> {
  const { progress = () => undefined, quietMs = QUIET_MS, everyMs = 20 } = patience
  const startedMs = performance.now()
  const maxMs = patience.maxMs ?? quietMs * MAX_QUIET_TIMES
  let last = progress()
  let movedMs = startedMs
  for (;;) {
    // Read before the check: a check that takes long must not end the wait without another one.
    const nowMs = performance.now()
    const value = await check()
    if (value) return value
    const current = progress()
    if (current !== last) movedMs = performance.now()
    last = current
    if (nowMs - movedMs > quietMs) throw new Error(`no progress for ${seconds(nowMs - movedMs)} while waiting for: ${what}${at(last)}`)
    if (nowMs - startedMs > maxMs) throw new Error(`not reached after ${seconds(nowMs - startedMs)}: ${what}${at(last)}`)
    await delay(everyMs)
  }
}

/** Waits until a count has reached `target`, for as long as it moves. */
export async function waitForCount(
  what: string,
  count: () => number | Promise<number>,
  target: number,
  patience: Patience = {},
): Promise<void> {
  let reached = 0
  await waitFor(`${what} (${String(target)})`, async () => (reached = await count()) >= target, { progress: () => reached, ...patience })
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`
}

function at(progress: unknown): string {
  return progress === undefined ? '' : `; reached ${String(progress)}`
}
