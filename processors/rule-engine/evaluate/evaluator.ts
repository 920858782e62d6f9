// The interface of the plain and the compiled evaluator. Input: an event and what is known about its container. Output: verdicts. No store, no I/O, and no
// clock except for statistics: the same input always leads to the same output.
import type { ContainerFacts } from '../../../schemas/generated/types.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { Steps } from '../../../infra/waiting/steps.js'
import type { RuleStatistics } from './rule-statistics.js'
import type { RuleEvent, RuleTopic } from '../fields/rule-event.js'
import type { Symbols } from '../fields/bytes/symbols.js'
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'

/** The verdict on one event. With `rule_matching: first`, at most one Falco rule matches, and none while an earlier one waits. Sigma rules are independent. */
export interface Evaluation {
  /** Rules that definitely match, in load order. */
  readonly matched: readonly CompiledRule[]
  /** Rules whose verdict depends on facts that are not known yet, in load order. */
  readonly waiting: readonly CompiledRule[]
}

/** Opaque: what the bytes of one record leave of the rules, for the evaluator that returned it. */
export type Candidates = Uint32Array

/** What is known now of the container that a record names; null for nothing. The same object while it is the same. */
export type FactsOfRecord = (record: ScannedRecord) => ContainerFacts | null

/** Evaluates events against one immutable rule set. */
export interface Evaluator {
  readonly ruleSetHash: string
  /** Event types (see eventTypeOf) that some rule may match. For any other type, `evaluate` returns no rules. */
  readonly eventTypes: ReadonlySet<string>
  /** @param candidates what `candidates` returned for the record of the event */
  evaluate(event: RuleEvent, candidates?: Candidates | null): Evaluation
  /** What may match or wait, as far as the bytes of a record say; null if nothing does. Absent for an evaluator that reads no bytes. */
  candidates?(topic: RuleTopic, record: ScannedRecord, factsOf?: FactsOfRecord): Candidates | null
  /** Nothing may match or wait, as far as the bytes say. An event that is left is not counted in the statistics: it will be judged. */
  excludes?(topic: RuleTopic, record: ScannedRecord, factsOf: FactsOfRecord): boolean
  /**
   * Prepares the evaluation of the records of a topic in short steps, with a yield after each; null while too few records of the topic were
   * evaluated for that. Absent for an evaluator that prepares nothing.
   */
  preparation?(symbols: Symbols): Steps<void> | null
  /** Statistics of each rule; undefined for an evaluator that does not count. */
  readonly statistics?: RuleStatistics
}
