// Runs tests of rules and says of each failure which term of the condition decided it.
import { nearestName } from '../../../infra/nearest.js'
import { FieldMapSource } from '../../../processors/rule-engine/evaluate/field-map.js'
import { explainVerdict } from '../../../processors/rule-engine/evaluate/explain-verdict.js'
import { prepareExpression } from '../../../processors/rule-engine/evaluate/prepare.js'
import type { RuleSet } from '../../../processors/rule-engine/rule-set.js'
import { colorsFor } from '../../terminal/terminal-text.js'
import { verdictLines } from '../condition-text/verdict-lines.js'
import type { RuleCase, RuleSuite } from './test-file.js'

const NOTE_STYLE = { width: 110, colors: colorsFor({}), isWhole: false }

/** What became of one case. */
export interface CaseResult {
  readonly file: string
  readonly rule: string
  readonly name: string
  readonly isPassed: boolean
  readonly expected: string
  readonly got: string
  /** For a failure: the terms that decided it. */
  readonly notes: readonly string[]
}

export function runTests(ruleSet: RuleSet, suites: readonly RuleSuite[]): CaseResult[] {
  return suites.flatMap((suite) => suite.cases.map((one) => runCase(ruleSet, suite, one)))
}

function runCase(ruleSet: RuleSet, { file, rule: name }: RuleSuite, one: RuleCase): CaseResult {
  const result = { file, rule: name, name: one.name, expected: one.mustFire ? 'the rule fires' : 'the rule is silent' }
  const rule = ruleSet.rules.find((candidate) => candidate.name === name)
  if (rule === undefined) {
    const near = nearestName(
      name,
      ruleSet.rules.map((candidate) => candidate.name),
    )
    return {
      ...result,
      isPassed: false,
      got: 'there is no rule of that name',
      notes: near === undefined ? [] : [`did you mean '${near}'?`],
    }
  }
  const source = new FieldMapSource(one.fields)
  const { tree, condition } = rule.onFields ?? rule
  const hasFired = prepareExpression(condition)(source) === true
  const isPassed = hasFired === one.mustFire
  return {
    ...result,
    isPassed,
    got: hasFired ? 'it fired' : 'it was silent',
    notes: isPassed ? [] : verdictLines(explainVerdict(tree, condition, source), NOTE_STYLE),
  }
}
