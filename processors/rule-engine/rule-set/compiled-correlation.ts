// A correlation that is ready to evaluate: which rules feed it, how their matches are grouped, and the condition on a window of them.
// Immutable. Knows neither events nor the store of windows.
import { CORRELATION_TYPE_SYMBOLS, type CorrelationType as AlertedType } from '../../../schemas/generated/types.js'
import type { RuleHead } from './rule-head.js'

/** What is counted or calculated in a window: the types that alerts know. */
export type CorrelationType = Exclude<AlertedType, 'UNKNOWN'>
/** Every one of them. */
export const CORRELATION_TYPES: readonly CorrelationType[] = CORRELATION_TYPE_SYMBOLS.filter((type) => type !== 'UNKNOWN')

/** A rule, or another correlation, that feeds a correlation. */
export interface CorrelationMember {
  /** Identity of the rule. */
  readonly id: string
  /** Its title. */
  readonly title: string
  readonly kind: 'rule' | 'correlation'
}

/** One correlation of a rule set. */
export interface CompiledCorrelation extends RuleHead {
  readonly language: 'sigma'
  readonly type: CorrelationType
  /** In the order of the file, which `temporal_ordered` requires. */
  readonly members: readonly CorrelationMember[]
  /** Fields, or aliases of fields, that events of one group have in common; empty for one group of all. */
  readonly groupBy: readonly string[]
  /** For each alias, the field of each member (by id). */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Fields whose values are counted or calculated with; empty if events are counted. */
  readonly valueFields: readonly string[]
  /** For `value_percentile`; null for all other types. */
  readonly percentile: number | null
  readonly timespan: Timespan
  readonly thresholds: readonly Threshold[]
  /** Its members also create their own alerts. */
  readonly isGenerating: boolean
  /** It only feeds another correlation and creates no alert of its own. */
  readonly isSilent: boolean
  /** Below the minimum priority: it stays silent even if it feeds no other correlation anymore. */
  readonly isMuted: boolean
  /** 0 over rules only, else one more than the deepest correlation that feeds it: the order of evaluation. */
  readonly depth: number
  /**
   * crossing: the verdict is known as soon as the count crosses the threshold, because more events can't revert it. close: only when the
   * window ends (`lt`, `eq`, averages).
   */
  readonly verdictAt: 'crossing' | 'close'
}

/** When the verdict on a window is known. */
export function verdictTime(type: CorrelationType, thresholds: readonly Threshold[]): CompiledCorrelation['verdictAt'] {
  switch (type) {
    case 'event_count':
    case 'value_count':
    case 'temporal':
    case 'temporal_ordered':
    case 'value_sum':
    case 'value_max':
      return areLowerBounds(thresholds) ? 'crossing' : 'close'
    case 'value_min':
      return areUpperBounds(thresholds) ? 'crossing' : 'close'
    case 'value_avg':
    case 'value_percentile':
    case 'value_median':
      return 'close'
  }
}

/** Operators of a `condition`. */
export const THRESHOLD_OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const
/** One of them. */
export type ThresholdOperator = (typeof THRESHOLD_OPERATORS)[number]

/** One comparison. */
export interface Threshold {
  readonly operator: ThresholdOperator
  readonly value: number
}

const SIGNS: Readonly<Record<ThresholdOperator, string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '!=' }

/** True if all thresholds hold. */
export function holds(thresholds: readonly Threshold[], count: number): boolean {
  return thresholds.every((threshold) => compare(threshold, count))
}

function compare({ operator, value }: Threshold, count: number): boolean {
  switch (operator) {
    case 'gt':
      return count > value
    case 'gte':
      return count >= value
    case 'lt':
      return count < value
    case 'lte':
      return count <= value
    case 'eq':
      return count === value
    case 'neq':
      return count !== value
  }
}

/** `>= 5 and < 10` */
export function thresholdsText(thresholds: readonly Threshold[]): string {
  return thresholds.map(({ operator, value }) => `${SIGNS[operator]} ${String(value)}`).join(' and ')
}

/** Where every threshold bounds from below: more only helps. */
function areLowerBounds(thresholds: readonly Threshold[]): boolean {
  return thresholds.every(({ operator }) => operator === 'gt' || operator === 'gte')
}

/** Where every threshold bounds from above: less only helps. */
function areUpperBounds(thresholds: readonly Threshold[]): boolean {
  return thresholds.every(({ operator }) => operator === 'lt' || operator === 'lte')
}

/** The least whole count that satisfies lower bounds. */
export function leastCount(thresholds: readonly Threshold[]): number {
  return Math.max(...thresholds.map(({ operator, value }) => (operator === 'gt' ? Math.floor(value) + 1 : Math.ceil(value))), 0)
}

/** A span of time as a rule writes it. */
export interface Timespan {
  readonly text: string
  /** Microseconds. */
  readonly us: number
}

/** Seconds of each unit. Case counts: `m` is a minute, `M` a month, of the mean length of the Gregorian calendar, as is `y`. */
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, M: 2_629_746, y: 31_556_952 }
/** Maximum span, microseconds: two years. Nothing stores events for longer. */
const MAX_US = 2 * 31_556_952 * 1e6

/** The span of a text, or a sentence that describes the mistake. */
export function parseTimespan(text: string): Timespan | { readonly problem: string } {
  const match = /^([0-9]{1,9})([smhdwMy])$/.exec(text)
  const seconds = Number(match?.[1] ?? 0) * (SECONDS[match?.[2] ?? ''] ?? 0)
  if (match === null || seconds === 0) {
    return {
      problem: `'${text.slice(0, 40)}' is no timespan: expected a number from 1 on and one of s, m, h, d, w, M (month), y, such as 90s or 5m`,
    }
  }
  const us = seconds * 1e6
  return us > MAX_US ? { problem: `a timespan of '${text}' is longer than two years` } : { text, us }
}
