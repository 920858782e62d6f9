// A document of a Sigma file, read but not compiled: a rule, a correlation of rules, or a filter of rules.
import type { FilePlace } from '../../read/rule-file.js'
import type { YamlNode } from '../../read/yaml-file.js'
import type { CorrelationType, Threshold, Timespan } from '../../rule-set/compiled-correlation.js'
import type { RulePriority } from '../../rule-set/priority.js'
import type { LogSourceNames } from '../log-source/log-source.js'
import type { DetectionNode } from './detection.js'

/** What all kinds of documents say of themselves. */
export interface SigmaMetadata {
  readonly title: string
  /** The title where the file gives no id. */
  readonly id: string
  /** By which correlations and filters may call the rule, besides its id; null where the file gives none. */
  readonly name: string | null
  readonly description: string
  readonly author: string | null
  readonly references: readonly string[]
  readonly tags: readonly string[]
  readonly level: SigmaLevel | null
  /** Fields that are worth showing. */
  readonly fields: readonly string[]
  readonly place: FilePlace
}

/** One condition, with the node that it stands in. */
export interface WrittenCondition {
  readonly text: string
  readonly node: YamlNode
}

/** What a rule or filter looks for. */
export interface SigmaDetection {
  readonly logSource: LogSourceNames
  readonly searches: ReadonlyMap<string, DetectionNode>
  /** Several are joined with or. */
  readonly conditions: readonly WrittenCondition[]
  /** What a pipeline asks besides: all of it, with the conditions. */
  readonly additions: readonly { readonly node: DetectionNode; readonly isNegated: boolean }[]
  /** Why a pipeline keeps the rule from being judged. */
  readonly obstacles: readonly string[]
}

/** A rule as a correlation or a filter names it, by id or name. */
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
  /** All of them must hold; empty where the type has a condition of its own (all rules). */
  readonly thresholds: readonly Threshold[]
  /** Fields whose values are counted or reckoned with. */
  readonly valueFields: readonly string[]
  /** 1 to 99; null when the condition says none. */
  readonly percentile: number | null
  /** Alias to the field of each rule, which is named as the file names it. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, { readonly field: string; readonly place: FilePlace }>>
  /** The rules that are named give alerts of their own, too. */
  readonly isGenerating: boolean
}

/** `filter` of a document. */
export interface SigmaFilter {
  readonly kind: 'filter'
  readonly metadata: SigmaMetadata
  /** Rules that it is for; null for all of its log source. */
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

/** A level as a file writes it, in any case; null for none. */
export function parseLevel(text: string): SigmaLevel | null {
  return LEVELS.find((level) => level === text.toLowerCase()) ?? null
}

/** The priority of a level, next to those of Falco rules. A rule without a level counts as `medium`. */
export function priorityOf(level: SigmaLevel | null): RulePriority {
  return PRIORITY_OF[level ?? 'medium']
}
