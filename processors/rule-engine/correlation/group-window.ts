// What is kept of one group of a correlation between its events: those that count in the window that is open. Plain data, so that any store
// can hold it.
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'
import type { TapReading } from '../rule-set/tap.js'

/** Most observations that are kept of one group: no count beyond it can be asked for. */
export const MAX_KEPT = 10_000

/** An observation that counts. */
export type Kept = Pick<Observation<unknown>, 'timeUs' | 'id' | 'member' | 'value'>

/** The state of one group. @typeParam Evidence what an alert is made of */
export interface GroupWindow<Evidence> {
  /** In order of time. */
  kept: Kept[]
  /** Up to this time, inclusive, events belong to a window that has fired: they neither fire nor count again. null: none has. */
  firedUntilUs: number | null
  /** Of a correlation that is judged when its window is over: when that began, null while none is open. */
  openedAtUs: number | null
  /** Of that window, beyond the bound: counted, not kept. */
  dropped: number
  /** The event that an alert would show. */
  latest: Observation<Evidence> | null
}

/** A group of which nothing was seen yet. */
export function emptyWindow<Evidence>(): GroupWindow<Evidence> {
  return { kept: [], firedUntilUs: null, openedAtUs: null, dropped: 0, latest: null }
}

/**
 * Puts an observation to the others. What counts only once stands once: the latest of it, so that it stays in the window for longest.
 * @returns false when it does not count: it is known already, or lacks the value that is reckoned with
 */
export function keep({ type }: CompiledCorrelation, kept: Kept[], { timeUs, id, member, value }: Kept): boolean {
  const takesPlace = (other: Kept): boolean => {
    if (type === 'value_count') return other.value === value
    return type === 'temporal' && other.member === member
  }
  if (type.startsWith('value_') && (value === null || (type !== 'value_count' && !isNumeric(value)))) return false
  if (isKnown(kept, { timeUs, id, member, value }, type === 'event_count')) return false
  const older = type === 'value_count' || type === 'temporal' ? kept.findIndex(takesPlace) : -1
  if (older >= 0) kept.splice(older, 1)
  kept.push({ timeUs, id, member, value })
  if (type === 'temporal_ordered') shortenRun(kept, member)
  return true
}

/**
 * Of matches of one rule that follow each other the last two are as good as all: what follows them follows the last, or, when it is the same event as that,
 * the one before. So a chatty rule fills no window.
 */
function shortenRun(kept: Kept[], member: number): void {
  const third = kept.length - 3
  if (kept[third]?.member === member && kept[third + 1]?.member === member) kept.splice(third, 1)
}

/** An event that is there already, also as a match of another rule where only events are counted. Those of the same time are the last ones. */
function isKnown(kept: readonly Kept[], { timeUs, id, member }: Kept, isAnyMember: boolean): boolean {
  for (let at = kept.length - 1; at >= 0; at--) {
    const other = kept[at]
    if (other === undefined || other.timeUs < timeUs) return false
    if (other.id === id && (isAnyMember || other.member === member)) return true
  }
  return false
}

/** Forgets what is older than the window that ends now. */
export function expire(kept: Kept[], fromUs: number): void {
  let gone = 0
  while (gone < kept.length && (kept[gone]?.timeUs ?? Infinity) < fromUs) gone++
  if (gone > 0) kept.splice(0, gone)
}

/** Makes room at the bound: the oldest of the rule that has just matched goes, so that a chatty rule does not push out the others. True when one had to. */
export function enforceBound(kept: Kept[], most: number): boolean {
  if (kept.length <= most) return false
  const last = kept.at(-1)
  const oldest = kept.findIndex(({ member }) => member === last?.member)
  kept.splice(Math.max(0, oldest), 1)
  return true
}

// What a window amounts to: how many events, values or rules, or what their values sum up to.

/** What of an observation counts. */
export type Counted = Pick<Observation<unknown>, 'id' | 'member' | 'value'>

/**
 * @param kept in order of time; each event, value or rule once where they are counted (see group-window.ts)
 * @returns null when there is nothing to reckon with
 */
export function measure({ type, members, percentile }: CompiledCorrelation, kept: readonly Counted[]): number | null {
  switch (type) {
    case 'event_count':
    case 'value_count':
    case 'temporal':
      return kept.length
    case 'temporal_ordered':
      return longestChain(kept, members.length)
    case 'value_sum':
      return kept.length === 0 ? null : sum(kept)
    case 'value_avg':
      return kept.length === 0 ? null : sum(kept) / kept.length
    case 'value_max':
      return kept.length === 0 ? null : kept.reduce((most, { value }) => Math.max(most, Number(value)), -Infinity)
    case 'value_min':
      return kept.length === 0 ? null : kept.reduce((least, { value }) => Math.min(least, Number(value)), Infinity)
    case 'value_median':
      return median(kept)
    case 'value_percentile':
      return percentile === null ? null : nearestRank(sorted(kept), percentile)
  }
}

/** A value that can be reckoned with: a decimal number. */
export function isNumeric(value: string | null): boolean {
  return value !== null && value.trim() !== '' && Number.isFinite(Number(value))
}

/** How many different rules followed each other in their order, each by an event of its own. */
function longestChain(kept: readonly Counted[], members: number): number {
  /** Of chains that end with a rule of at most this number. */
  const longest = new Array<number>(members).fill(0)
  let at = 0
  while (at < kept.length) {
    // An event that matched two rules is not behind itself.
    const event = eventAt(kept, at)
    at += event.length
    const before = [...longest]
    for (const { member } of event) {
      const length = (member === 0 ? 0 : (before[member - 1] ?? 0)) + 1
      for (let end = member; end < members; end++) longest[end] = Math.max(longest[end] ?? 0, length)
    }
  }
  return longest[members - 1] ?? 0
}

function eventAt(kept: readonly Counted[], at: number): readonly Counted[] {
  let end = at + 1
  while (end < kept.length && kept[end]?.id === kept[at]?.id) end++
  return kept.slice(at, end)
}

function sum(kept: readonly Counted[]): number {
  return kept.reduce((total, { value }) => total + Number(value), 0)
}

function sorted(kept: readonly Counted[]): number[] {
  return kept.map(({ value }) => Number(value)).sort((a, b) => a - b)
}

/** The middle value; of an even number of them the mean of both in the middle. */
function median(kept: readonly Counted[]): number | null {
  const values = sorted(kept)
  const upper = values[Math.floor(values.length / 2)]
  const lower = values[Math.ceil(values.length / 2) - 1]
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2
}

/** The least value that at least so many percent of all values do not exceed. */
function nearestRank(values: readonly number[], percentile: number): number | null {
  return values[Math.max(1, Math.ceil((percentile / 100) * values.length)) - 1] ?? null
}

// One event, or one correlation that fired, as a correlation takes it: when it was, whose group, which value. The order of observations is
// that of the events, whatever the order in which they came.

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
