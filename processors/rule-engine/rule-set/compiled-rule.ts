// A rule that is ready to evaluate: fully resolved; of its file, only the place is left. Immutable.
import type { RuleLanguage } from '../../../schemas/generated/types.js'
import type { BoundExpression } from '../compile/bound-tree.js'
import type { Feeds } from './tap.js'
import type { Expression } from '../language/tree.js'
import type { OutputTemplate } from '../compile/template.js'
import type { RuleHead } from './rule-head.js'

/** One rule of a rule set. */
export interface CompiledRule extends RuleHead {
  readonly language: Exclude<RuleLanguage, 'UNKNOWN'>
  /** Condition with macros, lists and exceptions expanded, as Falco prints it. */
  readonly compiledText: string
  /** The tree of compiledText, and the same tree, node for node, with resolved fields and types. */
  readonly tree: Expression
  readonly condition: BoundExpression
  /** The same over a map of the fields that the rule names, if one event corresponds to several records; absent otherwise. */
  readonly onFields?: { readonly tree: Expression; readonly condition: BoundExpression }
  /** Condition on the events that the rule applies to: the log source of a Sigma rule. null for Falco rules, whose condition states it. */
  readonly scope: BoundExpression | null
  readonly output: OutputTemplate
  /** Collected event types that the rule may match. */
  readonly eventTypes: readonly string[]
  /** Titles of the filters that are part of the condition of a Sigma rule. */
  readonly filters?: readonly string[]
  /** Correlations that its matches feed; absent if there are none. */
  readonly feeds?: Feeds
}
