// One event, or one correlation that fired, as a correlation takes it: when it was, whose group, which value. The order of observations is
// that of the events, whatever the order in which they came.
import type { TapReading } from '../rule-set/tap.js'
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'

/** @typeParam Evidence what an alert is made of when the observation completes a window */
export interface Observation<Evidence> {
  readonly correlation: CompiledCorrelation
  readonly member: number
  readonly group: readonly (string | null)[]
  readonly value: string | null
  /** Wall time of the event, microseconds: the one clock that hosts have in common. */
  readonly timeUs: number
  /** Orders events of the same time: time since boot on one host, the place in a list. */
  readonly tie: number
  /** Identity of the event, or of the alert of the correlation below. The same one counts once. */
  readonly id: string
  readonly above: readonly TapReading[]
  readonly evidence: Evidence
}

/** When and who, of the event behind an observation. */
export type Moment = Pick<Observation<unknown>, 'timeUs' | 'tie' | 'id'>

/** What a reading of an event's fields is to the correlation that they were read for. */
export function observationOf<Evidence>(reading: TapReading, { timeUs, tie, id }: Moment, evidence: Evidence): Observation<Evidence> {
  const { tap, group, value, above } = reading
  return { correlation: tap.correlation, member: tap.member, group, value, timeUs, tie, id, above, evidence }
}

/** Orders by time, then by what tells events of the same time apart: the same for any order of arrival. */
export function compareObservations(a: Observation<unknown>, b: Observation<unknown>): number {
  return a.timeUs - b.timeUs || a.tie - b.tie || compareTexts(a.id, b.id) || a.member - b.member
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Identity of a correlation and of a group of it. Another version of a correlation has windows of its own. */
export function correlationKey({ id, version }: Pick<CompiledCorrelation, 'id' | 'version'>): string {
  return JSON.stringify([id, version])
}
/** Identity of a group within its correlation. */
export function groupKey(group: readonly (string | null)[]): string {
  return JSON.stringify(group)
}
