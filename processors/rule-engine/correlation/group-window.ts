// The state of one group of a correlation: the observations that count in its open window. Plain data, so that any store can hold it.
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'
import type { TapReading } from '../rule-set/tap.js'

/** Most observations of one group: no correlation can require a higher count. */
export const MAX_OBSERVATIONS = 10_000

/** An observation that counts. */
export type WindowObservation = Pick<Observation<unknown>, 'timeUs' | 'id' | 'member' | 'value'>

/** The state of one group. @typeParam Evidence the source of an alert */
export interface GroupWindow<Evidence> {
  /** In time order. */
  observations: WindowObservation[]
  /** Events up to this time, inclusive, belong to a window that has fired: they neither fire nor count again. null: none has fired. */
  firedUntilUs: number | null
  /** Start of the open window, for a correlation that is evaluated at the end of its window; null if none is open. */
  openedAtUs: number | null
  /** Observations of that window above the bound, which are only counted. */
  dropped: number
  /** The event for an alert. */
  latest: Observation<Evidence> | null
}

/** A new group. */
export function emptyWindow<Evidence>(): GroupWindow<Evidence> {
  return { observations: [], firedUntilUs: null, openedAtUs: null, dropped: 0, latest: null }
}

/**
 * Adds an observation. Of equal ones that count once, the latest stays, so that it is in the window for the longest time.
 * @returns false if it does not count: it is known, or it lacks the value
 */
export function addObservation(
  { type }: CompiledCorrelation,
  observations: WindowObservation[],
  { timeUs, id, member, value }: WindowObservation,
): boolean {
  const takesPlace = (other: WindowObservation): boolean => {
    if (type === 'value_count') return other.value === value
    return type === 'temporal' && other.member === member
  }
  if (type.startsWith('value_') && (value === null || (type !== 'value_count' && !isNumeric(value)))) return false
  if (isKnown(observations, { timeUs, id, member, value }, type === 'event_count')) return false
  const older = type === 'value_count' || type === 'temporal' ? observations.findIndex(takesPlace) : -1
  if (older >= 0) observations.splice(older, 1)
  observations.push({ timeUs, id, member, value })
  if (type === 'temporal_ordered') shortenRun(observations, member)
  return true
}

/**
 * Of consecutive matches of one rule, the last two are enough: the next match follows the last one or, if it is the same event, the one before. So a noisy
 * rule fills no window.
 */
function shortenRun(observations: WindowObservation[], member: number): void {
  const third = observations.length - 3
  if (observations[third]?.member === member && observations[third + 1]?.member === member) observations.splice(third, 1)
}

/** Whether the event is known, also as a match of another rule if only events count. Events of the same time are the last ones. */
function isKnown(observations: readonly WindowObservation[], { timeUs, id, member }: WindowObservation, isAnyMember: boolean): boolean {
  for (let at = observations.length - 1; at >= 0; at--) {
    const other = observations[at]
    if (other === undefined || other.timeUs < timeUs) return false
    if (other.id === id && (isAnyMember || other.member === member)) return true
  }
  return false
}

/** Drops what is older than the window that ends now. */
export function expire(observations: WindowObservation[], fromUs: number): void {
  let gone = 0
  while (gone < observations.length && (observations[gone]?.timeUs ?? Infinity) < fromUs) gone++
  if (gone > 0) observations.splice(0, gone)
}

/** Makes room at the bound by dropping the oldest match of the rule that has just matched, so that a noisy rule does not displace others. @returns whether one was dropped */
export function enforceBound(observations: WindowObservation[], most: number): boolean {
  if (observations.length <= most) return false
  const last = observations.at(-1)
  const oldest = observations.findIndex(({ member }) => member === last?.member)
  observations.splice(Math.max(0, oldest), 1)
  return true
}

// The measure of a window: the number of events, values or rules, or a figure of their values.

/** The part of an observation that counts. */
export type Counted = Pick<Observation<unknown>, 'id' | 'member' | 'value'>

/**
 * @param observations in time order; each event, value or rule once if they are counted
 * @returns null if there are no values
 */
export function measure({ type, members, percentile }: CompiledCorrelation, observations: readonly Counted[]): number | null {
  switch (type) {
    case 'event_count':
    case 'value_count':
    case 'temporal':
      return observations.length
    case 'temporal_ordered':
      return longestChain(observations, members.length)
    case 'value_sum':
      return observations.length === 0 ? null : sum(observations)
    case 'value_avg':
      return observations.length === 0 ? null : sum(observations) / observations.length
    case 'value_max':
      return observations.length === 0 ? null : observations.reduce((most, { value }) => Math.max(most, Number(value)), -Infinity)
    case 'value_min':
      return observations.length === 0 ? null : observations.reduce((least, { value }) => Math.min(least, Number(value)), Infinity)
    case 'value_median':
      return median(observations)
    case 'value_percentile':
      return percentile === null ? null : nearestRank(sorted(observations), percentile)
  }
}

/** Whether a value is a decimal number. */
export function isNumeric(value: string | null): boolean {
  return value !== null && value.trim() !== '' && Number.isFinite(Number(value))
}

/** How many different rules matched in their order, each with an event of its own. */
function longestChain(observations: readonly Counted[], members: number): number {
  /** For chains that end with a rule of at most this number. */
  const longest = new Array<number>(members).fill(0)
  let at = 0
  while (at < observations.length) {
    // An event that matched two rules does not follow itself.
    const event = eventAt(observations, at)
    at += event.length
    const before = [...longest]
    for (const { member } of event) {
      const length = (member === 0 ? 0 : (before[member - 1] ?? 0)) + 1
      for (let end = member; end < members; end++) longest[end] = Math.max(longest[end] ?? 0, length)
    }
  }
  return longest[members - 1] ?? 0
}

function eventAt(observations: readonly Counted[], at: number): readonly Counted[] {
  let end = at + 1
  while (end < observations.length && observations[end]?.id === observations[at]?.id) end++
  return observations.slice(at, end)
}

function sum(observations: readonly Counted[]): number {
  return observations.reduce((total, { value }) => total + Number(value), 0)
}

function sorted(observations: readonly Counted[]): number[] {
  return observations.map(({ value }) => Number(value)).sort((a, b) => a - b)
}

/** The middle value; the mean of the two middle ones for an even number of values. */
function median(observations: readonly Counted[]): number | null {
  const values = sorted(observations)
  const upper = values[Math.floor(values.length / 2)]
  const lower = values[Math.ceil(values.length / 2) - 1]
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2
}

/** The lowest value that at least this percentage of the values does not exceed. */
function nearestRank(values: readonly number[], percentile: number): number | null {
  return values[Math.max(1, Math.ceil((percentile / 100) * values.length)) - 1] ?? null
}

// Observations: events, or firings of other correlations, as the input of a correlation, with time, group and value. Their order is that of the events,
// whatever the order of arrival.

/** @typeParam Evidence the source of an alert if the observation completes a window */
export interface Observation<Evidence> {
  readonly correlation: CompiledCorrelation
  readonly member: number
  readonly group: readonly (string | null)[]
  readonly value: string | null
  /** Wall time of the event, microseconds: the only clock that hosts have in common. */
  readonly timeUs: number
  /** Orders events of the same time: time since boot on one host, or the position in a list. */
  readonly tie: number
  /** Identity of the event, or of the alert of the correlation below. Equal identities count once. */
  readonly id: string
  readonly above: readonly TapReading[]
  readonly evidence: Evidence
}

/** Time and identity of an observation's event. */
export type Moment = Pick<Observation<unknown>, 'timeUs' | 'tie' | 'id'>

/** The observation for one reading of an event's fields. */
export function observationOf<Evidence>(reading: TapReading, { timeUs, tie, id }: Moment, evidence: Evidence): Observation<Evidence> {
  const { tap, group, value, above } = reading
  return { correlation: tap.correlation, member: tap.member, group, value, timeUs, tie, id, above, evidence }
}

/** Orders by time, then by what distinguishes events of the same time: the same for any order of arrival. */
export function compareObservations(a: Observation<unknown>, b: Observation<unknown>): number {
  return a.timeUs - b.timeUs || a.tie - b.tie || compareTexts(a.id, b.id) || a.member - b.member
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Identity of a correlation. Each version of a correlation has windows of its own. */
export function correlationKey({ id, version }: Pick<CompiledCorrelation, 'id' | 'version'>): string {
  return JSON.stringify([id, version])
}
/** Identity of a group within its correlation. */
export function groupKey(group: readonly (string | null)[]): string {
  return JSON.stringify(group)
}
