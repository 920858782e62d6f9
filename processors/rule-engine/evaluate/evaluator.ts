// The one interface of both evaluators (plain and compiled): an event and what is known of its container in, verdicts out.
// No store, no I/O, and no clock but for statistics: the same input gives the same output for ever.
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { RuleStatistics } from './rule-statistics.js'
import type { JudgedEvent } from '../fields/judged-event.js'

/** Verdict on one event. With `rule_matching: first` at most one Falco rule matched, and none while an earlier one waits; Sigma rules each speak for themselves. */
export interface Judgement {
  /** Rules that hold for certain, in load order. */
  readonly matched: readonly CompiledRule[]
  /** Rules whose verdict hangs on facts that are not known yet, in load order. */
  readonly waiting: readonly CompiledRule[]
}

/** Judges events against one immutable rule set. */
export interface Evaluator {
  readonly ruleSetHash: string
  /** Types of events (see eventTypeOf) that some rule may match: `judge` gives nothing for any other, whatever else is in it. */
  readonly eventTypes: ReadonlySet<string>
  judge(event: JudgedEvent): Judgement
  /** What each rule did; undefined for an evaluator that does not count. */
  readonly statistics?: RuleStatistics
}
