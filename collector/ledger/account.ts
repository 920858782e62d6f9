// One line of the ledger.
import type { LedgerEntry } from '../../schemas/generated/types.js'

/** One account with what is under way: in the ring, in the collector, in the spool, or sent and not acknowledged. */
export interface Account extends LedgerEntry {
  readonly inFlight: number
}

/** What became of events that were in the spool. */
export type SpoolOutcome = 'published' | 'droppedSpool' | 'droppedCollector'
