// Who a firing is: the same one whenever, and in whatever order, its events are processed.
import { createHash } from 'node:crypto'
import { observationOf } from './observation.js'
import type { Observation } from './observation.js'
import type { Firing } from './judge-window.js'

/** Id of the alert: 32 hex digits over (rule, version, group, begin of the window). */
export function firingId({ correlation, group, startUs }: Pick<Firing<unknown>, 'correlation' | 'group' | 'startUs'>): string {
  const parts = [correlation.id, correlation.version, group, startUs]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

/** What a firing is to the correlations that it feeds: an event at the time when it was known, with the fields of the event that completed it. */
export function observationsAbove<Evidence>(firing: Firing<Evidence>): Observation<Evidence>[] {
  const { completing, atUs } = firing
  const moment = { timeUs: atUs, tie: completing.tie, id: firingId(firing) }
  return completing.above.map((reading) => observationOf(reading, moment, completing.evidence))
}
