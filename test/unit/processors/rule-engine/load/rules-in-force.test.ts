// Which set may replace the one in force.
import assert from 'node:assert/strict'
import type { Logger } from '../../../../../infra/process/logger.js'
import { Metrics } from '../../../../../infra/process/metrics.js'
import { createCompiledEvaluator } from '../../../../../processors/rule-engine/compiled/compiled-evaluator.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import { RulesInForce, type LoadedRules } from '../../../../../processors/rule-engine/load/rules-in-force.js'

const MINUTE_MS = 60_000

function loaded(text: string): LoadedRules {
  const { ruleSet, errors } = loadRules([{ name: 'f.yaml', text }])
  return { ruleSet, errors, evaluator: createCompiledEvaluator(ruleSet, { matching: 'first' }) }
}
const rule = (name: string): string => `- rule: ${name}\n  desc: d\n  condition: evt.type = execve\n  output: o\n  priority: INFO\n`
const set = (...names: readonly string[]): LoadedRules => loaded(names.map(rule).join(''))
const EIGHT = ['1', '2', '3', '4', '5', '6', '7', '8']

describe('rules in force', () => {
  let nowMs = 0
  let metrics: Metrics
  const lines: { level: string; facts: Readonly<Record<string, unknown>> }[] = []
  const line =
    (level: string) =>
    (facts: Readonly<Record<string, unknown>>): void =>
      void lines.push({ level, facts })
  const log: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  const start = (first: LoadedRules, allowFewer = false): RulesInForce => {
    lines.length = 0
    metrics = new Metrics()
    return new RulesInForce(first, { strict: false, allowFewer }, log, metrics, () => nowMs)
  }

  it('refuse a set that lacks more than half of them, whatever rules it brings', () => {
    const other = ['9', '10', '11', '12', '13', '14', '15', '16']
    const rules = start(set(...EIGHT))
    assert.equal(rules.replaceWith(set(...other)), false)
    assert.deepEqual(lines, [{ level: 'error', facts: { ruleSet: rules.ruleSet.hash, before: 8, found: 8, lost: 8, names: EIGHT } }])
    assert.equal(rules.replaceWith(set(...EIGHT.slice(4), ...other)), true)
    assert.equal(start(set(...EIGHT), true).replaceWith(set(...other)), true)
  })

  it('compare with the largest set that was in force within the last hour: no folder empties by halves', () => {
    const rules = start(set(...EIGHT))
    assert.equal(rules.replaceWith(set('1', '2', '3', '4', '5')), true)
    nowMs += 50 * MINUTE_MS
    assert.equal(rules.replaceWith(set('1', '2', '3', '4')), true)
    assert.equal(rules.replaceWith(set('1', '2')), false)
    nowMs += 20 * MINUTE_MS
    assert.equal(rules.replaceWith(set('1', '2')), false)
    nowMs += 50 * MINUTE_MS
    assert.equal(rules.replaceWith(set('1', '2')), true)
  })

  it('remember the largest set also after many small steps', () => {
    const names = Array.from({ length: 40 }, (_, index) => `r${String(index)}`)
    const rules = start(set(...names))
    for (let left = 39; left >= 20; left--) assert.equal(rules.replaceWith(set(...names.slice(0, left))), true, String(left))
    assert.equal(rules.replaceWith(set(...names.slice(0, 19))), false)
  })

  it('warn of every rule that is gone, by name', () => {
    start(set('1', '2')).replaceWith(set('2', '3'))
    assert.deepEqual(
      lines.map(({ level, facts }) => [level, facts['removed'], facts['names']]),
      [['warn', 1, ['1']]],
    )
  })

  it('count correlations as they count rules', () => {
    const sigma = 'title: s\nname: s\nlogsource: {category: process_creation}\ndetection: {s: {Image: /bin/x}, condition: s}\n'
    const correlation = (name: string): string =>
      `---\ntitle: ${name}\nname: ${name}\ncorrelation: {type: event_count, rules: [s], group-by: [User], timespan: 1m, condition: {gte: 2}}\n`
    const rules = start(loaded(sigma + correlation('a') + correlation('b')))
    assert.equal(rules.ruleSet.activeCorrelations.length, 2)
    assert.equal(rules.wouldOnlyLoseRules(loaded(sigma + correlation('a'))), true)
    assert.equal(rules.replaceWith(loaded(sigma)), false)
    const { before, found, lost, names } = lines[0]?.facts ?? {}
    assert.deepEqual([before, found, lost, names], [3, 1, 2, ['a', 'b']])
  })

  it('would only lose rules also where a mistake was there before, and not where one is new', () => {
    const bad = '- rule: bad\n  desc: d\n  condition: no.field = 1\n  output: o\n  priority: INFO\n'
    assert.equal(start(loaded(rule('1') + rule('2') + bad)).wouldOnlyLoseRules(loaded(rule('1') + bad)), true)
    assert.equal(start(set('1', '2')).wouldOnlyLoseRules(loaded(rule('1') + bad)), false)
  })

  it('log a refusal again every ten minutes while it lasts, and show it in a gauge', async () => {
    const rules = start(set('1'))
    const gauge = async (): Promise<string | undefined> => /^eunomia_rules_reload_refused (\d)$/m.exec(await metrics.text())?.[1]
    assert.equal(await gauge(), '0')
    rules.refuseFailed(new Error('out of order'))
    nowMs += 9 * MINUTE_MS
    rules.remind()
    assert.equal(lines.length, 1)
    nowMs += MINUTE_MS
    rules.remind()
    assert.deepEqual(
      lines.map(({ level, facts }) => [level, facts['error']]),
      [
        ['error', 'out of order'],
        ['error', 'out of order'],
      ],
    )
    assert.equal(await gauge(), '1')
    assert.match(await metrics.text(), /^eunomia_rules_reloads_refused_total\{reason="failure"\} 1$/m)
    rules.replaceWith(set('1', '2'))
    nowMs += 20 * MINUTE_MS
    rules.remind()
    assert.equal(await gauge(), '0')
    assert.equal(lines.filter(({ level }) => level === 'error').length, 2)
  })
})
