// Correlations and filters in the check report.
import assert from 'node:assert/strict'
import { checkReport } from '../../../../../../processors/rule-engine/workbench/check/check-report.js'
import { fileCounts, waitingFor } from '../../../../../../processors/rule-engine/workbench/check/load-counts.js'
import { CORRELATED_RULES } from '../../../../../support/rules/correlated-rules.js'

describe('the report of a rule set with correlations', () => {
  const report = checkReport(CORRELATED_RULES, ['rules.yml'])
  it('has correlations among the rules, with what makes them', () => {
    const entry = report.rules.find((rule) => 'name' in rule && rule.name === 'First a')
    assert.ok(entry !== undefined && 'correlation' in entry && 'id' in entry && 'level' in entry && 'priority' in entry)
    assert.deepEqual([entry.id, entry.level, entry.priority], ['11-22', 'high', 'Error'])
    assert.deepEqual(entry.correlation, {
      type: 'temporal_ordered',
      rules: [
        { id: 'a ran', title: 'a ran', kind: 'rule' },
        { id: 'b ran', title: 'b ran', kind: 'rule' },
      ],
      groupBy: ['who'],
      timespan: '5m',
      condition: { gte: 2 },
      aliases: { who: { 'a ran': 'User', 'b ran': 'Image' } },
      generate: false,
      speaks: false,
      evaluatedAt: 'crossing',
    })
  })
  it('has the filters of rules and what they feed', () => {
    const entry = report.rules.find((rule) => 'name' in rule && rule.name === 'a ran')
    assert.ok(entry !== undefined && 'filters' in entry && 'feeds' in entry)
    assert.deepEqual([entry.filters, entry.feeds], [['Not root'], { correlations: ['11-22', 'Lame'], speaks: false }])
  })
  it('counts correlations, and what they wait for', () => {
    const [file] = fileCounts(CORRELATED_RULES, ['rules.yml'])
    assert.deepEqual([file?.rules, file?.evaluable, file?.waiting, file?.excluded], [6, 4, 2, 0])
    assert.equal(file?.live, 4, 'correlations of live rules are live, also over other correlations')
    assert.deepEqual(
      waitingFor(CORRELATED_RULES).map(({ reason }) => reason),
      ["'w ran' can't fire: events of windows are not collected", 'events of windows are not collected'],
    )
  })
})
