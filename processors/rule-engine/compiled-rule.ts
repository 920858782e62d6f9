// A rule that is ready to judge: everything resolved, nothing left of the file it came from but its place. Immutable.
import type { Priority, RuleLanguage } from '../../schemas/generated/types.js'
import type { BoundExpression } from './compile/bound-tree.js'
import type { Feeds } from './correlation/tap.js'
import type { Expression } from './language/tree.js'
import type { OutputTemplate } from './output/template.js'

/** A place in a rule file; line and column count from 1. */
export interface FilePlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One rule of a rule set. */
export interface CompiledRule {
  /** Identity across versions: the name of a Falco rule, the id of a Sigma rule. */
  readonly id: string
  readonly name: string
  /** Hash of all that decides what the rule does, 16 hex digits. */
  readonly version: string
  readonly language: Exclude<RuleLanguage, 'UNKNOWN'>
  readonly source: string
  readonly priority: Exclude<Priority, 'UNKNOWN'>
  /** Level of a Sigma rule, by its own name; null for Falco rules, and where the file says none. */
  readonly level: string | null
  readonly tags: readonly string[]
  /** Who wrote the rule and what it rests on, for whoever reads its alerts: the licence of public Sigma rules asks for it. */
  readonly author: string | null
  readonly references: readonly string[]
  readonly desc: string
  /** Condition and output as written, after append and override. */
  readonly conditionText: string
  readonly outputText: string
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
  readonly isEnabled: boolean
  /** Why records can't be judged by the rule yet; empty when they can. */
  readonly unavailable: readonly string[]
  /** Titles of the filters that stand in the condition of a Sigma rule. */
  readonly filters?: readonly string[]
  /** Correlations that its matches feed; absent where none does. */
  readonly feeds?: Feeds
  readonly place: FilePlace
}
