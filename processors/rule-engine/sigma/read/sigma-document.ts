// A document of a Sigma file before compilation: a rule, a correlation or a filter.
import type { FilePlace } from '../../read/rule-file.js'
import type { YamlNode } from '../../read/yaml-file.js'
import type { CorrelationType, Threshold, Timespan } from '../../rule-set/compiled-correlation.js'
import type { RulePriority } from '../../rule-set/priority.js'
import type { LogSourceNames } from '../log-source/log-source.js'
import type { DetectionNode } from './detection.js'

/** Metadata of all kinds of documents. */
export interface SigmaMetadata {
  readonly title: string
  /** The title if the file has no id. */
  readonly id: string
  /** The name by which correlations and filters can refer to the rule, besides its id; null if absent. */
  readonly name: string | null
  readonly description: string
  readonly author: string | null
  readonly references: readonly string[]
  readonly tags: readonly string[]
  readonly level: SigmaLevel | null
  /** Fields to show in alerts. */
  readonly fields: readonly string[]
  readonly place: FilePlace
}

/** One condition, with its node. */
export interface WrittenCondition {
  readonly text: string
  readonly node: YamlNode
}

/** The detection of a rule or filter. */
export interface SigmaDetection {
  readonly logSource: LogSourceNames
  readonly searches: ReadonlyMap<string, DetectionNode>
  /** Several are joined with or. */
  readonly conditions: readonly WrittenCondition[]
  /** Terms that a pipeline adds: all of them must hold with the conditions. */
  readonly additions: readonly { readonly node: DetectionNode; readonly isNegated: boolean }[]
  /** Why a pipeline prevents the evaluation of the rule. */
  readonly obstacles: readonly string[]
}

/** A reference of a correlation or filter to a rule, by id or name. */
export interface RuleReference {
  readonly text: string
  readonly place: FilePlace
}

/** `correlation` of a document. */
export interface SigmaCorrelation {
  readonly type: CorrelationType
  readonly rules: readonly RuleReference[]
  readonly groupBy: readonly string[]
  readonly timespan: Timespan
  /** All of them must hold; empty if the type has a condition of its own (all rules). */
  readonly thresholds: readonly Threshold[]
  /** Fields whose values are counted or measured. */
  readonly valueFields: readonly string[]
  /** 1 to 99; null if the condition has none. */
  readonly percentile: number | null
  /** By alias, the field for each rule reference. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, { readonly field: string; readonly place: FilePlace }>>
  /** The member rules give alerts of their own, too. */
  readonly isGenerating: boolean
}

/** `filter` of a document. */
export interface SigmaFilter {
  readonly kind: 'filter'
  readonly metadata: SigmaMetadata
  /** Its rules; null for all rules of its log source. */
  readonly rules: readonly RuleReference[] | null
  readonly detection: SigmaDetection
}

/** One document of a Sigma file. */
export type SigmaDocument =
  | { readonly kind: 'rule'; readonly metadata: SigmaMetadata; readonly detection: SigmaDetection }
  | { readonly kind: 'correlation'; readonly metadata: SigmaMetadata; readonly correlation: SigmaCorrelation }
  | SigmaFilter
/** A document that is a rule. */
export type RuleDocument = SigmaDocument & { readonly kind: 'rule' }
/** A document that is a correlation. */
export type CorrelationDocument = SigmaDocument & { readonly kind: 'correlation' }

/** Levels of Sigma rules, the lowest first. */
export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const
/** One of {@link LEVELS}. */
export type SigmaLevel = (typeof LEVELS)[number]

const PRIORITY_OF: Readonly<Record<SigmaLevel, RulePriority>> = {
  informational: 'informational',
  low: 'notice',
  medium: 'warning',
  high: 'error',
  critical: 'critical',
}

/** Parses a level, in any case; null for an unknown one. */
export function parseLevel(text: string): SigmaLevel | null {
  return LEVELS.find((level) => level === text.toLowerCase()) ?? null
}

/** The priority of a level, next to those of Falco rules. A rule without a level counts as `medium`. */
export function priorityOf(level: SigmaLevel | null): RulePriority {
  return PRIORITY_OF[level ?? 'medium']
}
