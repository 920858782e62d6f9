// What is kept of one group of a correlation between its events: those that count in the window that is open. Plain data, so that any store
// can hold it.
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'
import { isNumeric } from './measure.js'
import type { Observation } from './observation.js'

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
