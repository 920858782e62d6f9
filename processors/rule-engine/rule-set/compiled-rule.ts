// A rule that is ready to judge: everything resolved, nothing left of the file it came from but its place. Immutable.
import type { RuleLanguage } from '../../../schemas/generated/types.js'
import type { BoundExpression } from '../compile/bound-tree.js'
import type { Feeds } from './tap.js'
import type { Expression } from '../language/tree.js'
import type { OutputTemplate } from '../compile/template.js'
import type { RuleHead } from './rule-head.js'

/** One rule of a rule set. */
export interface CompiledRule extends RuleHead {
  readonly language: Exclude<RuleLanguage, 'UNKNOWN'>
  /** Condition with macros, lists and exceptions put in, as Falco prints it. */
  readonly compiledText: string
  /** The tree behind compiledText, and the same with fields and types settled: node for node alike. */
  readonly tree: Expression
  readonly condition: BoundExpression
  /** The same over a map of the fields that the rule names, where an event is judged as several records; absent where it is one. */
  readonly onFields?: { readonly tree: Expression; readonly condition: BoundExpression }
  /** What an event must be before the rule is asked: the log source of a Sigma rule. null for Falco rules, whose condition says it. */
  readonly scope: BoundExpression | null
  readonly output: OutputTemplate
  /** Collected event types that the rule may match. */
  readonly eventTypes: readonly string[]
  /** Titles of the filters that stand in the condition of a Sigma rule. */
  readonly filters?: readonly string[]
  /** Correlations that its matches feed; absent where none does. */
  readonly feeds?: Feeds
}
