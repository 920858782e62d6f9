// A tracker as the control API tells it, for those who answer and those who ask.
import type { TrackerCause, TrackerState } from '../watch/kind-switch.js'

/** A tracker as the API tells it. */
export interface TrackerReport {
  readonly name: string
  readonly description: string
  readonly state: TrackerState
  /** Of one that counts: the settings, or a person. */
  readonly cause: TrackerCause | 'settings'
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
