// Rule tests and their results. A case tests one rule with one event. A scenario tests the whole rule set with a sequence of events, and
// lists every alert that must result.
import type { GivenEvent } from '../given-events/given-event.js'
import type { VerdictNode } from '../../evaluate/explain-verdict.js'
import type { RuleSet } from '../../rule-set/rule-set.js'

import type { FilledTemplate } from '../../output/fill-template.js'

/** What an alert must contain; omitted parts may be anything. */
export interface ExpectedAlert {
  readonly priority?: string
  /** The whole text. */
  readonly output?: string
  /** Parts of the text. */
  readonly contains: readonly string[]
  /** Fields of the output with their values. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** The verdict that a rule must reach on an event. waits: it depends on facts that have not arrived. */
export type ExpectedVerdict = 'fires' | 'silent' | 'waits'

/** One event, and the verdict that the rule must reach. */
export interface RuleCase {
  readonly name: string
  readonly expected: ExpectedVerdict
  readonly mustFire: boolean
  /** It must fire although the process hides, or takes the name of what the rule exempts. */
  readonly isEvasion: boolean
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
  /** Microseconds since the start of the scenario; null: the event's own time, or that of the previous event. */
  readonly atUs: number | null
}

/** An alert that must result from a scenario. */
export interface ScenarioAlert extends ExpectedAlert {
  /** Name or id of the rule or correlation. */
  readonly rule: string
  /** Number of the event from 1; for a correlation, of the event that completes it; null for any. */
  readonly event: number | null
  readonly times: number
}

/** Events in order, and every alert that must result. */
export interface Scenario {
  readonly file: string
  readonly name: string
  readonly matching: 'first' | 'all'
  /** Only these rules are evaluated; empty: all enabled rules. */
  readonly rules: readonly string[]
  readonly events: readonly ScenarioEvent[]
  readonly alerts: readonly ScenarioAlert[]
}

/** The result of one case of a rule, or of one scenario. */
export interface CaseResult {
  readonly file: string
  /** Name of the rule, or of the scenario. */
  readonly rule: string
  readonly name: string
  readonly isPassed: boolean
  /** Why it could not run, in which case it neither passed nor failed; null if it ran. */
  readonly skipped: string | null
  readonly expected: string
  readonly got: string
  /** Lines of a difference: `-` was expected and is missing, `+` was not expected. */
  readonly diff: readonly string[]
  /** The evaluated condition, for a rule with another verdict. */
  readonly why: VerdictNode | null
}

type Head = Pick<CaseResult, 'file' | 'rule' | 'name' | 'expected'>

/** The test passed. */
export function passed(head: Head): CaseResult {
  return { ...head, isPassed: true, skipped: null, got: head.expected, diff: [], why: null }
}
/** The test failed. @param got what happened instead */
export function failed(head: Head, got: string, more: Partial<Pick<CaseResult, 'diff' | 'why'>> = {}): CaseResult {
  return { ...head, isPassed: false, skipped: null, got, diff: more.diff ?? [], why: more.why ?? null }
}
/** The test could not run. @param reason why */
export function skipped(head: Head, reason: string): CaseResult {
  return { ...head, isPassed: false, skipped: reason, got: 'not run', diff: [], why: null }
}

/** Tests of a rule or correlation. A scenario that expects its alert counts as positive; the cases of regression tests too. */
export interface RuleCoverage {
  readonly rule: string
  readonly positive: number
  readonly negative: number
}

/** How many tests of both kinds each rule and correlation has. @param regression results of Sigma's regression tests */
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

/** How many tests passed, failed and were skipped. */
export function countsOf(results: readonly CaseResult[]): { readonly passed: number; readonly failed: number; readonly skipped: number } {
  const passed = results.filter(({ isPassed }) => isPassed).length
  const skipped = results.filter((result) => result.skipped !== null).length
  return { passed, failed: results.length - passed - skipped, skipped }
}

/** Lines of the difference, expected ones with `-`, actual ones with `+`; none if the alert is as expected. */
export function alertDifference(expected: ExpectedAlert, got: FilledTemplate, priority: string): string[] {
  const lines: string[] = []
  const differ = (what: string, wanted: unknown, actual: unknown): void => {
    lines.push(`- ${what}: ${shown(wanted)}`, `+ ${what}: ${shown(actual)}`)
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

/** The content of a test file. */
export interface RuleTests {
  readonly suites: readonly RuleSuite[]
  readonly scenarios: readonly Scenario[]
}
