// Figures of rules, from recorded events and from a metrics page, and their order.
import assert from 'node:assert/strict'
import { UsageError } from '../../../../../infra/process/errors.js'
import { Metrics } from '../../../../../infra/process/metrics.js'
import { startMetricsServer } from '../../../../../infra/process/metrics-server.js'
import {
  parsePage,
  shareOf,
  rulesOfPage,
  rulesOnEvents,
  orderOf,
  sortedRules,
  type TopRule,
} from '../../../../../processors/rule-engine/workbench/rule-figures.js'
import type { RuleEvent } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { createCompiledEvaluator } from '../../../../../processors/rule-engine/compiled/compiled-evaluator.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import type { RuleSet } from '../../../../../processors/rule-engine/rule-set/rule-set.js'
import { addRuleMetrics } from '../../../../../processors/rule-engine/load/rules-in-force.js'
import { sampleFileEvent, sampleProcess, sampleProcessEvent } from '../../../../support/records/sample-records.js'

const rule = (name: string, condition: string): string =>
  `- rule: ${JSON.stringify(name)}\n  desc: d\n  condition: ${condition}\n  output: o\n  priority: INFO\n`
const ODD = 'odd "name" \\ of\nlines'

function ruleSet(): RuleSet {
  const text =
    rule(ODD, 'evt.type = execve and proc.name = cat') +
    // Two fields are compared, which no filter decides.
    rule('never', 'evt.type = openat and proc.name = val(fd.name)') +
    rule('idle', 'evt.type = bpf')
  return loadRules([{ name: 'f.yaml', text }]).ruleSet
}

const exec = (name: string): RuleEvent => ({
  event: { topic: 'process', record: sampleProcessEvent({ process: sampleProcess({ name }) }) },
  container: { state: 'host' },
})
const open: RuleEvent = { event: { topic: 'file', record: sampleFileEvent() }, container: { state: 'host' } }
const EVENTS = [exec('cat'), exec('ls'), open, exec('cat'), open]

async function* stream(events: readonly RuleEvent[]): AsyncGenerator<RuleEvent> {
  for (const event of events) yield await Promise.resolve(event)
}

describe('the figures of rules', () => {
  it('counts exactly how often each rule was evaluated and matched', async () => {
    const figures = await rulesOnEvents(ruleSet(), 'first', stream(EVENTS))
    assert.deepEqual(
      figures.map(({ name, evaluated, matched }) => [name, evaluated, matched]),
      [
        [ODD, 2, 2],
        ['never', 2, 0],
        ['idle', 0, 0],
      ],
    )
    assert.ok(figures.every(({ evaluated, seconds }) => seconds >= 0 && (evaluated > 0 || seconds === 0)))
  })

  it('reads the same figures from the page of a running command, whatever the names of its rules', async () => {
    const evaluator = createCompiledEvaluator(ruleSet(), { coldRecords: 0 })
    for (const event of EVENTS) evaluator.evaluate(event)
    const metrics = new Metrics()
    addRuleMetrics(metrics, () => evaluator.statistics)
    const server = await startMetricsServer({ port: 0 }, metrics)
    try {
      const figures = await rulesOfPage(`http://127.0.0.1:${String(server.port)}/metrics`)
      assert.deepEqual(
        figures.map((rule) => [rule.name, rule.evaluated, rule.matched, shareOf(rule)]),
        [
          [ODD, 2, 2, 0.4],
          ['never', 2, 0, 0.4],
          ['idle', 0, 0, 0],
        ],
      )
    } finally {
      await server.stop('test ends')
    }
  })

  it('reports an address that does not answer, a page that is no metrics page, and one without rules', async () => {
    await assert.rejects(
      rulesOfPage('http://127.0.0.1:1/metrics'),
      (error) => error instanceof UsageError && /does not answer/.test(error.message),
    )
    await assert.rejects(rulesOfPage('ftp://x'), /expected a URL like http/)
    const server = await startMetricsServer({ port: 0 }, new Metrics())
    try {
      await assert.rejects(rulesOfPage(`http://127.0.0.1:${String(server.port)}/metrics`), /no figures of rules/)
      await assert.rejects(rulesOfPage(`http://127.0.0.1:${String(server.port)}/other`), /answers 404/)
    } finally {
      await server.stop('test ends')
    }
  })

  it('takes nothing from a page but figures of rules', () => {
    const page =
      'eunomia_rule_matched_total{rule="a"} 3\neunomia_rule_matched_total{rule="b"} NaN\nother{rule="a"} 9\neunomia_rule_seconds_total{rule="a"} 1.5e-3\n'
    assert.deepEqual(parsePage(page), [{ name: 'a', evaluated: 0, matched: 3, seconds: 0.0015, events: 0 }])
  })

  const ROWS: readonly TopRule[] = [
    { name: 'cheap', evaluated: 1_000, matched: 5, seconds: 0.001, events: 2_000 },
    { name: 'costly', evaluated: 10, matched: 0, seconds: 0.002, events: 2_000 },
    { name: 'asleep', evaluated: 0, matched: 0, seconds: 0, events: 2_000 },
  ]
  const names = (rules: readonly TopRule[]): string => rules.map(({ name }) => name).join(' ')

  it('sorts by the requested order, highest first', () => {
    assert.equal(names(sortedRules(ROWS, 'time')), 'costly cheap asleep')
    assert.equal(names(sortedRules(ROWS, 'evaluated')), 'cheap costly asleep')
    assert.equal(names(sortedRules(ROWS, 'matched')), 'cheap asleep costly')
    assert.equal(names(sortedRules(ROWS, 'name')), 'asleep cheap costly')
    assert.throws(() => orderOf('matchd'), /did you mean 'matched'/)
  })
})
