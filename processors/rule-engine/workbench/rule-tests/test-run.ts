// Runs the cases of single rules; of a failure it says what was expected, what came, and the tree that decided it.
import { nearestName } from '../../../../infra/text/nearest.js'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import type { Kleene } from '../../evaluate/kleene.js'
import { priorityName } from '../../rule-set/priority.js'
import type { RuleSet } from '../../rule-set/rule-set.js'
import { alertText, askedRules, explained, verdictOf, whyNotAsked } from '../judge-events.js'
import { sourceOf } from '../given-events/given-event.js'
import { alertDifference } from './alert-difference.js'
import { failed, passed } from './case-result.js'
import type { CaseResult } from './case-result.js'
import { fieldProblem } from './field-problem.js'
import type { ExpectedVerdict, RuleCase, RuleSuite } from './test-suite.js'

const EXPECTED: Readonly<Record<ExpectedVerdict, string>> = {
  fires: 'the rule fires',
  silent: 'the rule is silent',
  waits: 'the rule waits for facts',
}

/** Tries every case on its rule. */
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
    if (ruleOf(correlations, wanted) !== undefined)
      return failed(head, 'it is a correlation, which one event says nothing of: test it by a scenario')
    const near = nearestName(
      wanted,
      rules.map((candidate) => candidate.name),
    )
    return failed(head, `there is no rule of that name${near === undefined ? '' : `; did you mean '${near}'?`}`)
  }
  const problem = fieldProblem(rule, one.event)
  if (problem !== null) return failed(head, `the test can't be right: ${problem}`)
  const [asked] = askedRules([rule])
  const verdict: Kleene = asked === undefined ? false : verdictOf(one.event, asked, sourceOf(one.event))
  const got: ExpectedVerdict = verdict === null ? 'waits' : verdict ? 'fires' : 'silent'
  const notAsked = asked === undefined ? null : whyNotAsked(one.event, asked)
  const said = notAsked === null ? EXPECTED[got] : `${EXPECTED[got]}: not asked, ${notAsked}`
  if (got !== one.expected) return failed(head, said, { why: explained(one.event, rule) })
  if (got !== 'fires') return passed(head)
  const diff = alertDifference(one.alert, alertText(one.event, rule), rule.level ?? priorityName(rule.priority))
  return diff.length === 0 ? passed(head) : failed(head, 'its alert says something else', { diff })
}
