// Which rules are tested from both sides: by an event that must make them fire, and by one that must not.
import { counted } from '../../../infra/text/counted.js'
import { printable } from '../../../infra/text/printable.js'
import type { RuleSet } from '../../../processors/rule-engine/rule-set/rule-set.js'
import type { CaseResult } from '../../../processors/rule-engine/workbench/rule-tests/case-result.js'
import type { RuleTests } from '../../../processors/rule-engine/workbench/rule-tests/test-file.js'
import { columnTable, cut } from '../../terminal/terminal-text.js'

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

/** Rules that lack a side, and how many have both. */
export function coverageText(all: readonly RuleCoverage[], width: number): string {
  const lacking = all.filter(({ positive, negative }) => positive === 0 || negative === 0)
  const whole = `${String(all.length - lacking.length)} of ${counted(all.length, 'rule is', 'rules are')} tested from both sides\n`
  if (lacking.length === 0) return whole
  const count = (value: number, title: string): string => (value === 0 ? 'none' : String(value)).padStart(title.length)
  const table = columnTable<RuleCoverage>(
    [
      { title: 'MUST FIRE', value: ({ positive }) => count(positive, 'MUST FIRE') },
      { title: 'MUST NOT', value: ({ negative }) => count(negative, 'MUST NOT') },
      { title: 'RULE', value: ({ rule }) => cut(printable(rule), Math.max(30, width - 21)) },
    ],
    lacking,
  )
  return `${table}${whole}`
}
