// A tracker as the control API tells it, for those who answer and those who ask.
import type { TrackerState } from '../watch/kind-switch.js'

/** What holds a tracker: the plan in force, the settings (one that counts), or a person. */
export const TRACKER_CAUSES = ['plan', 'settings', 'person'] as const

/** A tracker as the API tells it. */
export interface TrackerReport {
  readonly name: string
  readonly description: string
  readonly state: TrackerState
  readonly cause: (typeof TRACKER_CAUSES)[number]
  /** Why it is off although it was asked for; null when it is not. */
  readonly problem: string | null
  /** Kinds by the names of the ledger. */
  readonly kinds: readonly string[]
  /** Those of them that can't be switched off. */
  readonly alwaysTold: readonly string[]
  /** Events since the start of the counters, and what filters left out of them. */
  readonly emitted: number
  readonly suppressed: number
}
