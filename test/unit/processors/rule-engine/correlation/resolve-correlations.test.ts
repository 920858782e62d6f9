// Correlations of correlations, aliases, and which rules still speak for themselves.
import assert from 'node:assert/strict'
import type { FieldMap } from '../../../../../processors/rule-engine/evaluate/field-map.js'
import { correlation, firingsOf, programRule, ruleSetOf, start, firingTexts } from '../../../../support/correlation/program-rules.js'

const MANY = correlation(
  'many',
  'type: event_count, rules: [fail], group-by: [User, Computer], timespan: 10s, condition: {gte: 3}',
  'name: many\n',
)

describe('correlations of correlations', () => {
  const rules = ruleSetOf(
    correlation('broken in', 'type: temporal_ordered, rules: [many, login], group-by: [User], timespan: 1m'),
    MANY,
    programRule('fail'),
    programRule('login'),
  )
  const at = (program: string, second: number, User = 'root', Computer = 'one'): FieldMap => start(program, second, { User, Computer })

  it('take what fired below as an event of its own, at the time when it was known', () => {
    const events = [at('fail', 0), at('fail', 1), at('fail', 2), at('login', 30)]
    assert.deepEqual(firingTexts(firingsOf(rules, events)), ['broken in @2..62 (root) = 2'])
  })
  it('use their own groups, not those of what feeds them', () => {
    const events = [at('fail', 0), at('fail', 1), at('fail', 2), at('login', 30, 'root', 'two')]
    assert.deepEqual(firingTexts(firingsOf(rules, events)), ['broken in @2..62 (root) = 2'])
    assert.deepEqual(firingTexts(firingsOf(rules, [...events.slice(0, 3), at('login', 30, 'eve')])), [])
  })
  it('are silent when what is below did not fire', () => {
    assert.deepEqual(firingTexts(firingsOf(rules, [at('fail', 0), at('fail', 1), at('login', 30)])), [])
  })
  it('are in the set after their rules, whatever the order of the file', () => {
    assert.deepEqual(
      rules.correlations.map(({ name, depth, isSilent }) => [name, depth, isSilent]),
      [
        ['many', 0, true],
        ['broken in', 1, false],
      ],
    )
  })
})

describe('aliases', () => {
  it('give the same name to different fields of different rules, through chains too', () => {
    const aliases = 'aliases: {who: {a: User, b: TargetUser}}'
    const rules = ruleSetOf(
      programRule('a'),
      programRule('b'),
      correlation('pair', `type: temporal, rules: [a, b], group-by: [who], timespan: 10s, ${aliases}`, 'name: pair\ngenerate: true\n'),
      correlation(
        'pairs',
        'type: event_count, rules: [pair], group-by: [victim], timespan: 1m, condition: {gte: 1}, generate: true, aliases: {victim: {pair: who}}',
      ),
    )
    const events = [start('a', 0, { User: 'eve', TargetUser: 'x' }), start('b', 1, { User: 'y', TargetUser: 'eve' })]
    assert.deepEqual(firingTexts(firingsOf(rules, events)), ['pair @0..10 (eve) = 2', 'pairs @1..61 (eve) = 1'])
  })
})

describe('rules that feed correlations', () => {
  const counting = (more = ''): string => correlation('c', `type: event_count, rules: [a], timespan: 1m, condition: {gte: 2}${more}`)
  const silent = (...documents: string[]): (boolean | undefined)[] =>
    ruleSetOf(programRule('a'), ...documents).rules.map(({ feeds }) => feeds?.isSilent)

  it('give no alert of their own, unless one of the correlations says so', () => {
    assert.deepEqual(silent(), [undefined])
    assert.deepEqual(silent(counting()), [true])
    assert.deepEqual(silent(counting(', generate: true')), [false])
    assert.deepEqual(silent(`generate: true\n${counting()}`), [false])
    assert.deepEqual(silent(counting(), counting(', generate: true').replace('title: c', 'title: d')), [false])
  })
})
