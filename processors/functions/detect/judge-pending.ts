// Judges a batch of pending events again: those whose facts came, and those whose deadline passed, with the facts absent. The rest is put at
// the end of the topic, and the partition rests for a moment: nothing blocks what is behind it, no loop is busy, and a crash loses nothing.
import { backoffStepMs } from '../../../infra/waiting/backoff.js'
import type { DetectRun } from './detect-run.js'
import { HeldEvents } from './held-events.js'
import type { PendingSettings } from './pending-settings.js'

/** Judges the batch, or puts what still waits at the end of the topic. */
export async function judgePending(run: DetectRun): Promise<void> {
  const { context, settings } = run
  const held = new HeldEvents(run)
  await held.judge()
  if (held.count === 0) return
  const nowMs = context.clock.nowUs() / 1000
  held.requeue(nowMs)
  context.rest(restMs(held, nowMs, settings))
}

/** How long the partition rests, by the event that was looked at least often, so that a fresh one does not wait for old ones. */
function restMs(held: HeldEvents, nowMs: number, { firstRestMs, maxRestMs }: PendingSettings): number {
  // A batch that stood in a backlog has had its rest: with many of them, resting after each would make all wait too long.
  if (nowMs - held.newestMs > 2 * maxRestMs) return 0
  const growing = backoffStepMs(held.leastAttempts, firstRestMs, maxRestMs)
  return Math.max(1, Math.min(growing, held.toNextDeadlineMs(nowMs)))
}
