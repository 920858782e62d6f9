// Alerts of one batch for people: as `run` shows them, with the repeats within the batch counted by the times of their events.
import type { Alert } from '../../schemas/generated/types.js'
import { AlertRepeats } from '../run/alert-repeats.js'
import { repeatsText } from '../run/live-view.js'
import { alertLines } from '../terminal/alert-text.js'
import { wrap, type Colors } from '../terminal/terminal-text.js'

/** Text of the alerts, an empty line in front of each. An alert of another day than `nowMs` shows its date. */
export function alertBlocks(alerts: readonly Alert[], width: number, colors: Colors, nowMs: number): string {
  const repeats = new AlertRepeats()
  const lines: string[] = []
  const tell = (atMs: number): void => {
    for (const ended of repeats.ended(atMs)) lines.push(...wrap(repeatsText(ended), width))
  }
  // A batch has alerts of several hosts: its time is that of the newest event so far.
  let atMs = 0
  for (const alert of alerts) {
    atMs = Math.max(atMs, alert.origin.wallTimeUs / 1000)
    tell(atMs)
    if (repeats.take(alert, atMs)) lines.push('', ...alertLines(alert, width, colors, { nowMs }))
  }
  tell(Infinity)
  return lines.map((line) => `${line}\n`).join('')
}
