// What a window amounts to: how many events, values or rules, or what their values sum up to.
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'
import type { Observation } from './observation.js'

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
