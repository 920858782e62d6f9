import assert from 'node:assert/strict'
import { Backtest, type BacktestOptions, type RuleComparison } from '../../../../../processors/forensics/hunt/backtest.js'
import type { Alert } from '../../../../../schemas/generated/types.js'
import { sampleOrigin } from '../../../../support/records/sample-records.js'
import { testAlert } from '../../../../support/records/test-alert.js'

const OPTIONS: BacktestOptions = { rules: new Set(['a', 'b']), test: () => true, hosts: null, hostCount: 4, days: 2 }

function alert(rule: string, seq: number, change: Partial<Alert> = {}): Alert {
  return testAlert({ rule, origin: sampleOrigin({ seq }), ...change })
}

function compare(then: readonly Alert[], found: readonly Alert[], options: Partial<BacktestOptions> = {}) {
  const backtest = new Backtest({ ...OPTIONS, ...options })
  for (const each of then) backtest.addThen(each, true)
  for (const each of found) backtest.addFound(each)
  return backtest.report()
}

const counts = ({ rule, fresh, gone, same }: RuleComparison): unknown => [rule, fresh, gone, same]

describe('processors/forensics a backtest', () => {
  it('compares by rule and event, whatever the version of the rule', () => {
    const then = [alert('a', 1), alert('a', 2), alert('b', 1), alert('other', 1)]
    const found = [alert('a', 2, { ruleVersion: 'later', alertId: 'f'.repeat(32) }), alert('a', 3), alert('b', 1)]
    const { rules, changes, otherRules } = compare(then, found)
    assert.deepEqual(rules.map(counts), [
      ['a', 1, 1, 1],
      ['b', 0, 0, 1],
    ])
    assert.deepEqual(
      [changes.map(({ change, rule }) => [change, rule]), otherRules],
      [
        [
          ['new', 'a'],
          ['gone', 'a'],
        ],
        1,
      ],
    )
  })

  it('estimates the noise of a rule by host and day, and names the noisiest host', () => {
    const found = Array.from({ length: 16 }, (_, seq) =>
      alert('a', seq, { origin: sampleOrigin({ seq, hostName: seq < 12 ? 'loud' : 'quiet' }) }),
    )
    const [rule] = compare([], found).rules
    assert.deepEqual([rule?.perHostDay, rule?.noisiest], [2, { hostName: 'loud', perDay: 6 }])
  })

  it('counts alerts without facts apart, then and here', () => {
    const then = [alert('a', 1, { facts: 'absent' }), alert('a', 2, { facts: 'absent' })]
    const [rule] = compare(then, [alert('a', 1), alert('a', 3, { facts: 'absent' })]).rules
    assert.deepEqual([rule?.absentHere, rule?.absentThen], [1, 2])
  })

  it('takes an alert near the range as the same, never as gone', () => {
    const backtest = new Backtest(OPTIONS)
    backtest.addThen(alert('a', 1), false)
    backtest.addThen(alert('a', 2), false)
    backtest.addFound(alert('a', 2))
    assert.deepEqual(backtest.report().rules.map(counts), [['a', 0, 0, 1]])
  })

  it('compares correlations by rule, group and window', () => {
    const correlated = (startUs: number, seq: number): Alert =>
      alert('a', seq, {
        correlation: {
          ...{ type: 'event_count', ruleIds: ['r'], groupBy: { User: 'root' }, windowStartUs: startUs, windowEndUs: startUs + 60 },
          ...{ count: 3, eventIds: [], eventCount: 3 },
        },
      })
    const { rules } = compare([correlated(1, 1), correlated(2, 2)], [correlated(1, 7)])
    assert.deepEqual([rules.map(counts), rules[0]?.isCorrelation], [[['a', 0, 1, 1]], true])
  })

  it('is of the wanted hosts and containers only', () => {
    const then = [alert('a', 1, { origin: sampleOrigin({ seq: 1, hostId: 'other' }) }), alert('a', 2)]
    const { rules } = compare(then, [], { hosts: new Set([sampleOrigin().hostId]) })
    assert.deepEqual(rules.map(counts), [['a', 0, 1, 0]])
  })
})
