// What tests of rules say: cases of one rule, each an event and what the rule must say of it; and scenarios, events in order and all alerts
// that the whole set of rules must give for them.
// + What became of one test.
// + What an alert says other than a test expects.
import type { GivenEvent } from '../given-events/given-event.js'
import type { VerdictNode } from '../../evaluate/explain-verdict.js'
import type { RuleSet } from '../../rule-set/rule-set.js'

import type { FilledTemplate } from '../../output/fill-template.js'

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

/** What became of one case of a rule, or of one scenario. */
export interface CaseResult {
  readonly file: string
  /** Name of the rule, or of the scenario. */
  readonly rule: string
  readonly name: string
  readonly isPassed: boolean
  /** Why it could not be run; null when it was. Then it neither passed nor failed. */
  readonly skipped: string | null
  readonly expected: string
  readonly got: string
  /** Lines of a difference: `-` was expected and is not there, `+` is there and was not expected. */
  readonly diff: readonly string[]
  /** For a rule that said otherwise: why. */
  readonly why: VerdictNode | null
}

type Head = Pick<CaseResult, 'file' | 'rule' | 'name' | 'expected'>

/** It was as expected. */
export function passed(head: Head): CaseResult {
  return { ...head, isPassed: true, skipped: null, got: head.expected, diff: [], why: null }
}
/** It was otherwise. @param got what was there instead */
export function failed(head: Head, got: string, more: Partial<Pick<CaseResult, 'diff' | 'why'>> = {}): CaseResult {
  return { ...head, isPassed: false, skipped: null, got, diff: more.diff ?? [], why: more.why ?? null }
}
/** It could not be run, and says why. */
export function skipped(head: Head, reason: string): CaseResult {
  return { ...head, isPassed: false, skipped: reason, got: 'not run', diff: [], why: null }
}

/** Tests of a rule or correlation. A scenario that expects its alert counts as positive; the cases of regression tests too. */
export interface RuleCoverage {
  readonly rule: string
  readonly positive: number
  readonly negative: number
}

/** How many tests each rule and correlation has from either side. @param regression results of Sigma's regression tests */
export function coverageOf(
  { rules, correlations }: RuleSet,
  { suites, scenarios }: RuleTests,
  regression: readonly CaseResult[],
): RuleCoverage[] {
  return [...rules, ...correlations].map(({ name, id }) => {
    const isIt = (wanted: string): boolean => wanted === name || wanted === id
    const cases = suites.filter(({ rule }) => isIt(rule)).flatMap((suite) => suite.cases)
    const inScenarios = scenarios.filter(({ alerts }) => alerts.some(({ rule }) => isIt(rule))).length
    const silentScenarios = scenarios.filter(
      (scenario) => scenario.rules.some(isIt) && !scenario.alerts.some(({ rule }) => isIt(rule)),
    ).length
    const recorded = regression.filter(({ rule, skipped }) => isIt(rule) && skipped === null).length
    return {
      rule: name,
      positive: cases.filter(({ mustFire }) => mustFire).length + inScenarios + recorded,
      negative: cases.filter(({ mustFire }) => !mustFire).length + silentScenarios,
    }
  })
}

/** How many of the results passed, failed, were skipped. */
export function countsOf(results: readonly CaseResult[]): { readonly passed: number; readonly failed: number; readonly skipped: number } {
  const passed = results.filter(({ isPassed }) => isPassed).length
  const skipped = results.filter((result) => result.skipped !== null).length
  return { passed, failed: results.length - passed - skipped, skipped }
}

/** Lines of the difference, those that were expected with `-`, those that are there with `+`; none when it is as expected. */
export function alertDifference(expected: ExpectedAlert, got: FilledTemplate, priority: string): string[] {
  const lines: string[] = []
  const differ = (what: string, wanted: unknown, had: unknown): void => {
    lines.push(`- ${what}: ${shown(wanted)}`, `+ ${what}: ${shown(had)}`)
  }
  if (expected.priority !== undefined && expected.priority.toLowerCase() !== priority.toLowerCase())
    differ('priority', expected.priority, priority)
  if (expected.output !== undefined && expected.output !== got.output) differ('output', expected.output, got.output)
  const missing = expected.contains.filter((part) => !got.output.includes(part))
  if (missing.length > 0) lines.push(...missing.map((part) => `- output contains: ${shown(part)}`), `+ output: ${shown(got.output)}`)
  for (const [name, value] of Object.entries(expected.fields)) {
    if (!Object.hasOwn(got.outputFields, name)) lines.push(`- field ${name}: ${shown(value)}`, `+ the output has no field ${name}`)
    else if (String(got.outputFields[name]) !== String(value)) differ(`field ${name}`, value, got.outputFields[name])
  }
  return lines
}

const shown = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))

/** What stands in a test file. */
export interface RuleTests {
  readonly suites: readonly RuleSuite[]
  readonly scenarios: readonly Scenario[]
}
