// What tests of rules say: cases of one rule, each an event and what the rule must say of it; and scenarios, events in order and all alerts
// that the whole set of rules must give for them.
import type { GivenEvent } from '../given-events/given-event.js'

/** What an alert must say; what is left out may be anything. */
export interface ExpectedAlert {
  readonly priority?: string
  /** The whole text. */
  readonly output?: string
  /** Parts of the text. */
  readonly contains: readonly string[]
  /** Fields of the output with their values. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** What a rule must say of an event. waits: its verdict hangs on facts that have not come. */
export type ExpectedVerdict = 'fires' | 'silent' | 'waits'

/** One event, and what the rule must say of it. */
export interface RuleCase {
  readonly name: string
  readonly expected: ExpectedVerdict
  readonly mustFire: boolean
  readonly event: GivenEvent
  readonly alert: ExpectedAlert
}

/** The cases of one rule. */
export interface RuleSuite {
  readonly file: string
  /** Name or id. */
  readonly rule: string
  readonly cases: readonly RuleCase[]
}

/** One event of a scenario. */
export interface ScenarioEvent {
  readonly event: GivenEvent
  /** Since the beginning of the scenario, microseconds; null: as the event itself says, or with the one before it. */
  readonly atUs: number | null
}

/** An alert that a scenario must give. */
export interface ScenarioAlert extends ExpectedAlert {
  /** Name or id of the rule or correlation. */
  readonly rule: string
  /** Number of the event from 1, of a correlation the one that completes it; null for any. */
  readonly event: number | null
  readonly times: number
}

/** Events in order, and every alert that must come of them. */
export interface Scenario {
  readonly file: string
  readonly name: string
  readonly matching: 'first' | 'all'
  /** Only these rules are asked; empty: all that are on. */
  readonly rules: readonly string[]
  readonly events: readonly ScenarioEvent[]
  readonly alerts: readonly ScenarioAlert[]
}
