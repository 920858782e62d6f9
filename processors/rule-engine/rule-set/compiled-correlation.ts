// A correlation that is ready to judge: which rules feed it, how their matches are grouped, and what a window of them must be like. Immutable;
// knows neither events nor where windows are kept.
import { CORRELATION_TYPE_SYMBOLS } from '../../../schemas/generated/types.js'
import type { CorrelationType as AlertedType } from '../../../schemas/generated/types.js'
import type { RuleHead } from './rule-head.js'
import { areLowerBounds, areUpperBounds } from './threshold.js'
import type { Threshold } from './threshold.js'
import type { Timespan } from './timespan.js'

/** What is counted, or reckoned with, in a window: the types that alerts know. */
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
  /** In the order of the file: `temporal_ordered` asks for it. */
  readonly members: readonly CorrelationMember[]
  /** Fields, or aliases of fields, that events of one group have in common; empty for one group of all. */
  readonly groupBy: readonly string[]
  /** Alias, to the field that each member (by its id) has for it. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Fields whose values are counted together or reckoned with; empty where events are counted. */
  readonly valueFields: readonly string[]
  /** Of `value_percentile`; null for all other types. */
  readonly percentile: number | null
  readonly timespan: Timespan
  readonly thresholds: readonly Threshold[]
  /** Its members give alerts of their own, too. */
  readonly isGenerating: boolean
  /** Another correlation is fed by it and did not ask it to speak: it gives no alert of its own. */
  readonly isSilent: boolean
  /** Less urgent than what is loaded: it stays silent also when no other is left that it feeds. */
  readonly isMuted: boolean
  /** 0 over rules alone, else one more than the deepest correlation that feeds it: the order of judging. */
  readonly depth: number
  /**
   * crossing: the verdict is known as soon as the count passes the threshold, for more events can't take it back. close: only when the
   * window is over (`lt`, `eq`, averages).
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
