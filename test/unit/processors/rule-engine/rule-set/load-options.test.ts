// Rules switched on and off without a change of their files.
import assert from 'node:assert/strict'
import { loadRules, type LoadResult } from '../../../../../processors/rule-engine/load/load-rules.js'
import { parseSwitches } from '../../../../../processors/rule-engine/rule-set/load-options.js'

const rule = (name: string, tags: readonly string[], enabled = true): object => {
  return { rule: name, desc: 'd', condition: 'evt.type = execve', output: 'o', priority: 'INFO', tags, enabled }
}
const FALCO = JSON.stringify([
  rule('Shell in pod', ['shell', 'container']),
  rule('Shell on host', ['shell']),
  rule('Quiet one', ['container'], false),
])
const SIGMA = `title: Counted
id: 5a1b
logsource: {product: linux, category: process_creation}
detection: {s: {Image: /bin/a}, condition: s}
tags: [attack.execution]
---
title: Many of them
id: c0de
correlation: {type: event_count, rules: [5a1b], timespan: 1m, condition: {gte: 2}}
`

function load(...texts: readonly string[]): LoadResult {
  const switches = parseSwitches(texts)
  assert.ok(!('problem' in switches))
  const result = loadRules(
    [
      { name: 'f.yaml', text: FALCO },
      { name: 's.yml', text: SIGMA },
    ],
    { switches },
  )
  assert.deepEqual(result.errors, [])
  return result
}

function enabled({ ruleSet }: LoadResult): string[] {
  return [...ruleSet.rules, ...ruleSet.correlations].filter(({ isEnabled }) => isEnabled).map(({ name }) => name)
}

describe('switches of rules', () => {
  const cases: readonly (readonly [switches: readonly string[], enabled: readonly string[]])[] = [
    [[], ['Shell in pod', 'Shell on host', 'Counted', 'Many of them']],
    [['disable Shell in pod'], ['Shell on host', 'Counted', 'Many of them']],
    [['disable Shell*'], ['Counted', 'Many of them']],
    [['disable shell*'], ['Shell in pod', 'Shell on host', 'Counted', 'Many of them']],
    [['disable 5a1b'], ['Shell in pod', 'Shell on host', 'Many of them']],
    [
      ['disable tag:shell', 'enable tag:container'],
      ['Shell in pod', 'Quiet one', 'Counted', 'Many of them'],
    ],
    [
      ['enable tag:container', 'disable tag:shell'],
      ['Quiet one', 'Counted', 'Many of them'],
    ],
    [['disable *', 'enable tag:attack.*'], ['Counted']],
    [['disable c0de'], ['Shell in pod', 'Shell on host', 'Counted']],
  ]
  for (const [switches, expected] of cases) {
    it(`leave on with ${switches.join(', ') || 'none'}: ${expected.join(', ')}`, () => {
      assert.deepEqual(enabled(load(...switches)), expected)
    })
  }

  it('let a rule create alerts again when the correlation that it feeds is off', () => {
    const feeding = load().ruleSet.rules.find(({ id }) => id === '5a1b')
    assert.equal(feeding?.feeds?.taps.length, 1)
    const alone = load('disable c0de').ruleSet.rules.find(({ id }) => id === '5a1b')
    assert.deepEqual([alone?.feeds?.taps.length ?? 0, alone?.feeds?.isSilent ?? false], [0, false])
  })

  it('change the hash of the set', () => {
    assert.notEqual(load('disable Shell*').ruleSet.hash, load().ruleSet.hash)
  })

  it('report switches that match no rule', () => {
    assert.deepEqual(load('disable Shel *', 'enable tag:nowhere', 'disable Shell*').idleSwitches, ['disable Shel *', 'enable tag:nowhere'])
  })

  const wrong: readonly (readonly [text: string, message: RegExp])[] = [
    ['disabel x', /^'disabel x' is no switch: .*did you mean 'disable'\?$/],
    ['disable', /^'disable' is no switch: expected 'enable NAME' or 'disable NAME'/],
    ['', /^'' is no switch/],
    [`disable ${'x'.repeat(2000)}`, /is no switch/],
  ]
  for (const [text, message] of wrong) {
    it(`refuse ${JSON.stringify(text.slice(0, 20))}`, () => {
      const parsed = parseSwitches([text])
      assert.ok('problem' in parsed)
      assert.match(parsed.problem, message)
    })
  }
})
