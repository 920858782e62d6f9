// What each type of correlation counts, when it fires, and how often.
import assert from 'node:assert/strict'
import type { FieldMap } from '../../../../../processors/rule-engine/evaluate/field-map.js'
import { correlation, firingsOf, programRule, ruleSetOf, start, firingTexts } from '../../../../support/correlation/program-rules.js'

const ABC = [programRule('a'), programRule('b'), programRule('c')]

/** What a correlation over the rules a, b and c makes of the events. */
function fired(text: string, events: readonly FieldMap[]): string[] {
  return firingTexts(firingsOf(ruleSetOf(...ABC, correlation('C', text)), events))
}

const starts = (program: string, ...seconds: number[]): FieldMap[] => seconds.map((second) => start(program, second))
const values = (name: string, ...given: unknown[]): FieldMap[] => given.map((value, second) => start('a', second, { [name]: value }))

describe('event_count', () => {
  const text = (condition: string): string => `type: event_count, rules: [a], group-by: [User], timespan: 10s, condition: {${condition}}`

  it('fires at the event with which there are enough within the timespan', () => {
    assert.deepEqual(fired(text('gte: 3'), starts('a', 0, 4, 8)), ['C @0..10 (root) = 3'])
    assert.deepEqual(fired(text('gt: 3'), starts('a', 0, 4, 8)), [])
    assert.deepEqual(fired(text('gt: 2'), starts('a', 0, 4, 8)), ['C @0..10 (root) = 3'])
  })
  it('takes events that are exactly one timespan apart, and none that are farther', () => {
    assert.deepEqual(fired(text('gte: 2'), starts('a', 0, 10)), ['C @0..10 (root) = 2'])
    assert.deepEqual(fired(text('gte: 2'), starts('a', 0, 10.000001)), [])
  })
  it('is not bound to the marks of the clock: any stretch of time counts', () => {
    assert.deepEqual(fired(text('gte: 3'), starts('a', 0, 7, 12, 16)), ['C @7..17 (root) = 3'])
  })
  it('fires once for a window however much is in it, and again in the next', () => {
    assert.deepEqual(fired(text('gte: 2'), starts('a', ...Array.from({ length: 25 }, (_, second) => second))), [
      'C @0..10 (root) = 2',
      'C @11..21 (root) = 2',
      'C @22..32 (root) = 2',
    ])
  })
  it('counts each group apart, and an absent field as a group of its own', () => {
    const events = [
      start('a', 0),
      start('a', 1, { User: 'eve' }),
      start('a', 2, { User: null }),
      start('a', 3, { User: 'eve' }),
      start('a', 4, { User: null }),
    ]
    assert.deepEqual(fired(text('gte: 2'), events), ['C @1..11 (eve) = 2', 'C @2..12 () = 2'])
  })
  it('counts the events of several rules together, and one that matches two of them once', () => {
    const twice = programRule('a').replace('name: a', 'name: d').replace('title: a ran', 'title: d')
    const rules = ruleSetOf(...ABC, twice, correlation('C', text('gte: 3').replace('[a]', '[a, b, d]')))
    assert.deepEqual(firingTexts(firingsOf(rules, [...starts('a', 0), ...starts('b', 1)])), [])
    assert.deepEqual(firingTexts(firingsOf(rules, [...starts('a', 0), ...starts('b', 1), ...starts('a', 2)])), ['C @0..10 (root) = 3'])
  })
  it('that must be few, equal, other or within a range is evaluated when the window is over', () => {
    const four = starts('a', 0, 1, 2, 3)
    assert.deepEqual(fired(text('lt: 4'), four), [])
    assert.deepEqual(fired(text('lte: 4'), four), ['C @0..10 (root) = 4'])
    assert.deepEqual(fired(text('eq: 3'), four), [])
    assert.deepEqual(fired(text('eq: 4'), four), ['C @0..10 (root) = 4'])
    assert.deepEqual(fired(text('neq: 3'), four), ['C @0..10 (root) = 4'])
    assert.deepEqual(fired(text('gt: 1, lte: 3'), four), [])
    assert.deepEqual(fired(text('gt: 1, lte: 4'), four), ['C @0..10 (root) = 4'])
    assert.deepEqual(fired(text('lte: 1'), starts('a', 0, 20)), ['C @0..10 (root) = 1', 'C @20..30 (root) = 1'])
  })
  it('without group-by counts all events together', () => {
    const events = [start('a', 0), start('a', 1, { User: 'eve' })]
    assert.deepEqual(fired('type: event_count, rules: a, timespan: 1m, condition: {gte: 2}', events), ['C @0..60 () = 2'])
  })
  it('takes events in the order of their times, and those without one at the time of the event before', () => {
    assert.deepEqual(fired(text('gte: 3'), starts('a', 8, 0, 4)), ['C @0..10 (root) = 3'])
    const timeless = starts('a', 0).concat([
      { Image: '/a', User: 'root' },
      { Image: '/a', User: 'root' },
    ])
    assert.deepEqual(fired(text('gte: 3'), timeless), ['C @0..10 (root) = 3'])
  })
})

describe('value_count', () => {
  const text = (field: string): string => `type: value_count, rules: [a], timespan: 10s, condition: {field: ${field}, gte: 3}`

  it('counts different values, each once while it is in the window', () => {
    assert.deepEqual(fired(text('ParentImage'), values('ParentImage', 'x', 'y', 'y', 'x', 'z')), ['C @2..12 () = 3'])
    assert.deepEqual(fired(text('ParentImage'), values('ParentImage', 'x', 'x', 'y', 'y')), [])
  })
  it('does not count events without the value', () => {
    assert.deepEqual(fired(text('ParentImage'), values('ParentImage', 'x', null, 'y', null)), [])
  })
  it('counts combinations of several fields', () => {
    const events = [start('a', 0, { x: 1, y: 1 }), start('a', 1, { x: 1, y: 2 }), start('a', 2, { x: 2, y: 1 })]
    assert.deepEqual(fired(text('[x, y]'), events), ['C @0..10 () = 3'])
    assert.deepEqual(fired(text('x'), events), [])
  })
  it('forgets values that are older than the timespan', () => {
    const events = [start('a', 0, { x: 1 }), start('a', 6, { x: 2 }), start('a', 12, { x: 3 })]
    assert.deepEqual(fired(text('x'), events), [])
  })
})

describe('temporal', () => {
  const text = 'type: temporal, rules: [a, b, c], group-by: [User], timespan: 10s'

  it('fires when all rules matched within the timespan, in any order', () => {
    assert.deepEqual(fired(text, [...starts('c', 0), ...starts('a', 4), ...starts('b', 9)]), ['C @0..10 (root) = 3'])
    assert.deepEqual(fired(text, [...starts('c', 0), ...starts('a', 4), ...starts('b', 11)]), [])
  })
  it('asks for different rules, not for many matches', () => {
    assert.deepEqual(fired(text, [...starts('a', 0, 1, 2, 3, 4, 5), ...starts('b', 6)]), [])
  })
  it('takes the latest match of each rule, so that an old one is in nobody’s way', () => {
    assert.deepEqual(fired(text, [...starts('a', 0, 9), ...starts('b', 12), ...starts('c', 15)]), ['C @9..19 (root) = 3'])
  })
  it('with a condition asks for so many of the rules', () => {
    assert.deepEqual(fired(`${text}, condition: {gte: 2}`, [...starts('a', 0), ...starts('c', 4)]), ['C @0..10 (root) = 2'])
  })
  it('does not join events of different groups', () => {
    assert.deepEqual(fired(text, [...starts('a', 0), start('b', 1, { User: 'eve' }), ...starts('c', 2)]), [])
  })
})

describe('temporal_ordered', () => {
  const text = 'type: temporal_ordered, rules: [a, b, c], timespan: 10s'

  it('fires when the rules matched in their order, whatever matched between', () => {
    assert.deepEqual(fired(text, [...starts('a', 0), ...starts('c', 1), ...starts('b', 2), ...starts('a', 3), ...starts('c', 4)]), [
      'C @0..10 () = 3',
    ])
  })
  it('is silent in any other order', () => {
    assert.deepEqual(fired(text, [...starts('c', 0), ...starts('b', 1), ...starts('a', 2)]), [])
    assert.deepEqual(fired(text, [...starts('b', 0), ...starts('a', 1), ...starts('c', 2)]), [])
  })
  it('does not count one event that matches two rules as two in sequence', () => {
    const twice = programRule('a').replace('name: a', 'name: d').replace('title: a ran', 'title: d')
    const rules = ruleSetOf(...ABC, twice, correlation('C', 'type: temporal_ordered, rules: [a, d], timespan: 10s'))
    assert.deepEqual(firingTexts(firingsOf(rules, starts('a', 0))), [])
    assert.deepEqual(firingTexts(firingsOf(rules, starts('a', 0, 1))), ['C @0..10 () = 2'])
  })
  it('with a condition takes so many of the rules, in their order', () => {
    const two = `${text}, condition: {gte: 2}`
    assert.deepEqual(fired(two, [...starts('c', 0), ...starts('b', 1), ...starts('a', 2), ...starts('c', 3)]), ['C @1..11 () = 2'])
    assert.deepEqual(fired(two, [...starts('c', 0), ...starts('b', 1), ...starts('a', 2)]), [])
  })
  it('does not lose a match among many of another rule', () => {
    const many = (program: string, from: number): FieldMap[] =>
      starts(program, ...Array.from({ length: 50 }, (_, index) => from + index / 100))
    assert.deepEqual(fired(text, [...many('a', 0), ...starts('b', 2), ...many('a', 3), ...many('c', 4)]).length, 1)
    assert.deepEqual(fired(text, [...many('c', 0), ...many('b', 2), ...many('a', 3)]), [])
  })
  it('leaves out a beginning that is too old, and takes a later one', () => {
    assert.deepEqual(fired(text, [...starts('a', 0, 6), ...starts('b', 8), ...starts('c', 12)]), ['C @6..16 () = 3'])
    assert.deepEqual(fired(text, [...starts('a', 0), ...starts('b', 8), ...starts('c', 12)]), [])
  })
})

describe('values that are reckoned with', () => {
  const reckoned = (type: string, condition: string, ...given: unknown[]): string[] =>
    fired(`type: ${type}, rules: [a], timespan: 10s, condition: {field: bytes, ${condition}}`, values('bytes', ...given))

  it('sum up and fire at the event that passes the limit', () => {
    assert.deepEqual(reckoned('value_sum', 'gt: 100', 60, 40, 1, 500), ['C @0..10 () = 101'])
  })
  it('have a greatest and a least', () => {
    assert.deepEqual(reckoned('value_max', 'gte: 100', 5, 100, 200), ['C @0..10 () = 100'])
    assert.deepEqual(reckoned('value_min', 'lte: 4', 5, 4, 3), ['C @0..10 () = 4'])
    assert.deepEqual(reckoned('value_min', 'gte: 4', 5, 4, 3), [])
  })
  it('have an average, a median and percentiles, once the window is over', () => {
    assert.deepEqual(reckoned('value_avg', 'gt: 500', 1000, 2), ['C @0..10 () = 501'])
    assert.deepEqual(reckoned('value_avg', 'gt: 501', 1000, 2), [])
    assert.deepEqual(reckoned('value_median', 'eq: 2.5', 1, 2, 3, 100), ['C @0..10 () = 2.5'])
    assert.deepEqual(reckoned('value_median', 'eq: 3', 1, 3, 100), ['C @0..10 () = 3'])
    assert.deepEqual(reckoned('value_percentile', 'percentile: 90, gte: 9', ...[1, 2, 3, 4, 5, 6, 7, 8, 9]), ['C @0..10 () = 9'])
    assert.deepEqual(reckoned('value_percentile', 'percentile: 50, eq: 5', ...[1, 2, 3, 4, 5, 6, 7, 8, 9]), ['C @0..10 () = 5'])
  })
  it('are numbers: texts are left out, as if they were not there', () => {
    assert.deepEqual(reckoned('value_avg', 'eq: 4', '4', 'many', '', null), ['C @0..10 () = 4'])
    assert.deepEqual(reckoned('value_avg', 'neq: 4', 'many', ''), [])
  })
})
