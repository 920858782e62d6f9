// Keeps repeats from flooding a person: the same rule, container and program is shown once, and what follows within the window is counted in one line.
// Only for the screen: JSON and the summary have every alert. Bounded: at the bound the oldest window is told early.
import type { Alert } from '../../schemas/generated/types.js'

/** Time from the alert that was shown in which its repeats are counted, milliseconds. */
export const REPEAT_WINDOW_MS = 10_000
const MAX_WINDOWS = 1000

/** Repeats of one shown alert. */
export interface Repeats {
  readonly alert: Alert
  readonly count: number
}

interface Window {
  readonly alert: Alert
  readonly endMs: number
  count: number
}

/** Decides which alerts are shown, and counts the others. Times are milliseconds of a clock that never steps. */
export class AlertRepeats {
  /** In the order of their ends, since all are equally long. */
  readonly #windows = new Map<string, Window>()
  readonly #maxWindows: number

  constructor(maxWindows = MAX_WINDOWS) {
    this.#maxWindows = maxWindows
  }

  /** Takes an alert. @returns whether it is to be shown */
  take(alert: Alert, nowMs: number): boolean {
    const key = JSON.stringify([alert.rule, alert.origin.hostName, alert.containerId, alert.process.name])
    const open = this.#windows.get(key)
    if (open !== undefined && nowMs < open.endMs) {
      open.count++
      return false
    }
    this.#windows.delete(key)
    this.#windows.set(key, { alert, endMs: nowMs + REPEAT_WINDOW_MS, count: 0 })
    return true
  }

  /** Closes the windows that have ended, or are too many, and gives those in which something was counted. Call it before `take`, too. */
  ended(nowMs: number): Repeats[] {
    const repeats: Repeats[] = []
    for (const [key, window] of this.#windows) {
      if (nowMs < window.endMs && this.#windows.size <= this.#maxWindows) break
      this.#windows.delete(key)
      if (window.count > 0) repeats.push(window)
    }
    return repeats
  }
}
