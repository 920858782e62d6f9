// Runs the cases of single rules. A failure reports what was expected, what happened, and the tree that decided the verdict.
import { nearestName } from '../../../../infra/text/nearest.js'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import type { Kleene } from '../../evaluate/kleene.js'
import { priorityName } from '../../rule-set/priority.js'
import type { RuleSet } from '../../rule-set/rule-set.js'
import { alertText, prepareRules, explained, verdictOf, whyNotAsked } from '../event-verdicts.js'
import { sourceOf, type GivenEvent } from '../given-events/given-event.js'
import { alertDifference, failed, passed, type CaseResult, type ExpectedVerdict, type RuleCase, type RuleSuite } from './rule-test.js'
import { fieldsOf } from '../../compile/bound-tree.js'
import { resolveField } from '../../fields/catalogue.js'

const EXPECTED: Readonly<Record<ExpectedVerdict, string>> = {
  fires: 'the rule fires',
  silent: 'the rule is silent',
  waits: 'the rule waits for facts',
}

/** Runs every case on its rule. */
export function runTests(ruleSet: Pick<RuleSet, 'rules' | 'correlations'>, suites: readonly RuleSuite[]): CaseResult[] {
  return suites.flatMap((suite) => suite.cases.map((one) => runCase(ruleSet, suite, one)))
}

/** By name or id. */
export function ruleOf<Rule extends Pick<CompiledRule, 'name' | 'id'>>(rules: readonly Rule[], wanted: string): Rule | undefined {
  return rules.find((rule) => rule.name === wanted || rule.id === wanted)
}

function runCase(
  { rules, correlations }: Pick<RuleSet, 'rules' | 'correlations'>,
  { file, rule: wanted }: RuleSuite,
  one: RuleCase,
): CaseResult {
  const head = { file, rule: wanted, name: one.name, expected: EXPECTED[one.expected] }
  const rule = ruleOf(rules, wanted)
  if (rule === undefined) {
    if (ruleOf(correlations, wanted) !== undefined) return failed(head, 'it is a correlation, which one event cannot test: use a scenario')
    const near = nearestName(
      wanted,
      rules.map((candidate) => candidate.name),
    )
    return failed(head, `there is no rule of that name${near === undefined ? '' : `; did you mean '${near}'?`}`)
  }
  const problem = fieldProblem(rule, one.event)
  if (problem !== null) return failed(head, `the test is invalid: ${problem}`)
  const [asked] = prepareRules([rule])
  const verdict: Kleene = asked === undefined ? false : verdictOf(one.event, asked, sourceOf(one.event))
  const got: ExpectedVerdict = verdict === null ? 'waits' : verdict ? 'fires' : 'silent'
  const notAsked = asked === undefined ? null : whyNotAsked(one.event, asked)
  const actual = notAsked === null ? EXPECTED[got] : `${EXPECTED[got]}: not evaluated, ${notAsked}`
  if (got !== one.expected) return failed(head, actual, { why: explained(one.event, rule) })
  if (got !== 'fires') return passed(head)
  const diff = alertDifference(one.alert, alertText(one.event, rule), rule.level ?? priorityName(rule.priority))
  return diff.length === 0 ? passed(head) : failed(head, 'its alert is different', { diff })
}

/** Shorter names that differ by one character usually mean something else (a0, a1). */
const MIN_NAME = 5

/** Describes a field of a test that the rule can't read, most likely misspelled: the result would be for the wrong reason. null if there is none. */
function fieldProblem(rule: CompiledRule, event: GivenEvent): string | null {
  if (event.kind === 'record') return null
  const names = [...Object.keys(event.fields), ...event.unknown]
  const problems = names.map((name) => (rule.language === 'falco' ? falcoProblem(name) : sigmaProblem(name, rule)))
  return problems.find((problem) => problem !== null) ?? null
}

function falcoProblem(name: string): string | null {
  const bracket = /^([^[]+)\[(.*)\]$/.exec(name)
  const resolved = resolveField(bracket?.[1] ?? name, bracket?.[2] ?? null)
  return 'problem' in resolved ? resolved.problem : null
}

/** Sigma events may have any field, but a name that nearly equals one that the rule reads is a mistake. */
function sigmaProblem(name: string, { onFields, condition }: CompiledRule): string | null {
  const read = fieldsOf((onFields ?? { condition }).condition).map((field) => field.key)
  if (name.length < MIN_NAME || read.includes(name)) return null
  const near = nearestName(
    name,
    read.filter((known) => Math.abs(known.length - name.length) <= 2),
  )
  if (near === undefined || /[0-9]$/.test(name)) return null
  return differsLittle(name, near) ? `the rule does not read '${name}'; did you mean '${near}'?` : null
}

/** Different case, or one character more, less, or swapped. */
function differsLittle(a: string, b: string): boolean {
  if (a.toLowerCase() === b.toLowerCase()) return true
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  return Math.max(a.length, b.length) - start - end <= 2
}
