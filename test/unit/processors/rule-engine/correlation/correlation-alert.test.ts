// What people read of a correlation that fired, and of one that may.
import assert from 'node:assert/strict'
import { firingText } from '../../../../../processors/rule-engine/correlation/correlation-alert.js'
import type { FieldMap } from '../../../../../processors/rule-engine/evaluate/field-map.js'
import { correlation, firingsOf, programRule, ruleSetOf, start } from '../../../../support/correlation/program-rules.js'

const rulesOf = (text: string): ReturnType<typeof ruleSetOf> =>
  ruleSetOf(programRule('a'), programRule('b'), correlation('C', `${text}, timespan: 5m`))

function output(text: string, ...events: FieldMap[]): string {
  const [firing] = firingsOf(rulesOf(text), events)
  assert.ok(firing !== undefined)
  return firingText(firing).output
}

describe('the message of a correlation', () => {
  it('says how many events, in which time, of whom', () => {
    const text = 'type: event_count, rules: [a], group-by: [User, Image], condition: {gte: 1}'
    assert.equal(output(text, start('a', 0)), 'C: 1 event in 5m (User=root, Image=/a)')
    assert.equal(output(text, start('a', 0, { User: null })), 'C: 1 event in 5m (User=<NA>, Image=/a)')
  })
  it('says how many values of which field, or what they amount to', () => {
    const events = [start('a', 0, { x: 1 }), start('a', 1, { x: 2 })]
    assert.equal(output('type: value_count, rules: [a], condition: {field: x, gte: 2}', ...events), 'C: 2 different values of x in 5m')
    assert.equal(output('type: value_sum, rules: [a], condition: {field: x, gte: 3}', ...events), 'C: sum of x is 3 in 5m')
    assert.equal(output('type: value_avg, rules: [a], condition: {field: x, gte: 1}', ...events), 'C: average of x is 1.5 in 5m')
    const percentile = 'type: value_percentile, rules: [a], condition: {field: x, percentile: 99, gte: 1}'
    assert.equal(output(percentile, ...events), 'C: percentile 99 of x is 2 in 5m')
  })
  it('names the rules that matched, in the order in which they did', () => {
    const events = [start('a', 0), start('b', 1)]
    assert.equal(output('type: temporal, rules: [b, a]', ...events), 'C: 2 of 2 rules in 5m: a ran, b ran')
    assert.equal(output('type: temporal_ordered, rules: [a, b]', ...events), 'C: 2 of 2 rules in order in 5m: a ran, b ran')
  })
  it('cuts values that are very long; the field has them whole', () => {
    const long = 'x'.repeat(3000)
    const [firing] = firingsOf(rulesOf('type: event_count, rules: [a], group-by: [User], condition: {gte: 1}'), [
      start('a', 0, { User: long }),
    ])
    assert.ok(firing !== undefined)
    assert.equal(firingText(firing).output.length < 300, true)
    assert.equal(firingText(firing).outputFields['User'], long)
  })
})

describe('a correlation in one line', () => {
  it('says type, rules, groups, span and condition', () => {
    const line = (text: string): string | undefined => rulesOf(text).correlations[0]?.conditionText
    const ordered = 'type: temporal_ordered, rules: [a, b], group-by: [User, Image]'
    assert.equal(line(ordered), "temporal_ordered of 'a ran' then 'b ran' by User, Image in 5m >= 2")
    const percentile = 'type: value_percentile, rules: [a], condition: {field: x, percentile: 95, gt: 1, lte: 7}'
    assert.equal(line(percentile), "value_percentile(x, 95) of 'a ran' in 5m > 1 and <= 7")
  })
})
