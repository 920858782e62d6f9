// Figures of rules: counts are exact, time is measured for some evaluations and never for the first.
import assert from 'node:assert/strict'
import { RuleStatistics } from '../../../../../processors/rule-engine/evaluate/rule-statistics.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'

const { ruleSet } = loadRules([
  { name: 'f.yaml', text: '- rule: r\n  desc: d\n  condition: evt.type = execve\n  output: o\n  priority: INFO\n' },
])

describe('statistics of a rule', () => {
  it('count every evaluation and every match', () => {
    const statistics = new RuleStatistics(ruleSet.rules)
    for (let count = 0; count < 1_000; count++) statistics.begin(0)
    for (let matched = 0; matched < 7; matched++) statistics.matched(0)
    const [figures] = statistics.figures()
    assert.deepEqual([figures?.rule.name, figures?.evaluated, figures?.matched, figures?.seconds], ['r', 1_000, 7, 0])
  })
  it('time one evaluation of 64, and never the first', () => {
    const statistics = new RuleStatistics(ruleSet.rules)
    const timed = Array.from({ length: 200 }, (_, index) => (statistics.begin(0) ? [index] : [])).flat()
    assert.deepEqual(timed, [1, 65, 129, 193])
  })
  it('time all evaluations but the first if configured', () => {
    const statistics = new RuleStatistics(ruleSet.rules, 1)
    assert.deepEqual(
      Array.from({ length: 4 }, () => statistics.begin(0)),
      [false, true, true, true],
    )
  })
  it('estimate the time of all evaluations from those that were timed', () => {
    const statistics = new RuleStatistics(ruleSet.rules)
    for (let count = 0; count < 100; count++) if (statistics.begin(0)) statistics.timed(0, 3)
    assert.equal(statistics.figures()[0]?.seconds, 0.3)
  })
})
