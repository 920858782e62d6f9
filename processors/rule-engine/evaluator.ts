// The one interface of both evaluators (plain and compiled): an event and what is known of its container in, verdicts out.
// Pure: no clock, no store, no I/O; the same input gives the same output for ever.
import type { ContainerFacts, FileEvent, ProcessEvent } from '../../schemas/generated/types.js'
import type { CompiledRule } from './compiled-rule.js'

/** An event of one of the topics that rules read. */
export type RuleRecord =
  { readonly topic: 'process'; readonly record: ProcessEvent } | { readonly topic: 'file'; readonly record: FileEvent }

/** What is known of the container of an event. */
export type ContainerKnowledge =
  | { readonly state: 'host' }
  | { readonly state: 'known'; readonly containerId: string; readonly facts: ContainerFacts }
  /** The container is confirmed but its facts are not there yet (containerId), or even that is open (null): Kleene's unknown. */
  | { readonly state: 'unknown'; readonly containerId: string | null }
  /** The deadline passed: facts are missing for good; a field that needs them is absent. */
  | { readonly state: 'absent'; readonly containerId: string | null }

/** One event with what is known of its container. */
export interface JudgedEvent {
  readonly event: RuleRecord
  readonly container: ContainerKnowledge
}

/** Verdict on one event. With `rule_matching: first` at most one rule matched, and none while an earlier one waits. */
export interface Judgement {
  /** Rules that hold for certain, in load order. */
  readonly matched: readonly CompiledRule[]
  /** Rules whose verdict hangs on facts that are not known yet, in load order. */
  readonly waiting: readonly CompiledRule[]
}

/** Judges events against one immutable rule set. */
export interface Evaluator {
  readonly ruleSetHash: string
  judge(event: JudgedEvent): Judgement
}
