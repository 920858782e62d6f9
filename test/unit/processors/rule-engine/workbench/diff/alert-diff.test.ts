// Alerts that come and go when rules change, on the same events.
import assert from 'node:assert/strict'
import { diffAlerts, type AlertChange } from '../../../../../../processors/rule-engine/workbench/diff/alert-diff.js'
import { loadRules } from '../../../../../../processors/rule-engine/load/load-rules.js'
import type { RuleEvent } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import type { RuleSet } from '../../../../../../processors/rule-engine/rule-set/rule-set.js'
import { sampleProcess, sampleProcessEvent } from '../../../../../support/records/sample-records.js'

function setOf(...names: readonly string[]): RuleSet {
  const rules = names.map((name) => ({
    rule: `starts ${name}`,
    desc: 'd',
    condition: `evt.type = execve and proc.name = ${name}`,
    output: 'o %proc.name',
    priority: 'INFO',
  }))
  return loadRules([{ name: 'r.yaml', text: JSON.stringify(rules) }]).ruleSet
}

async function* execsOf(...names: readonly string[]): AsyncGenerator<RuleEvent> {
  for (const name of names) {
    yield await Promise.resolve<RuleEvent>({
      container: { state: 'host' },
      event: { topic: 'process', record: sampleProcessEvent({ process: sampleProcess({ name }) }) },
    })
  }
}

describe('diffAlerts', () => {
  it('reports each alert that only one of the sets creates, and counts both', async () => {
    const changes: AlertChange[] = []
    const diff = await diffAlerts(
      { before: setOf('a', 'b'), after: setOf('b', 'c') },
      'first',
      execsOf('a', 'b', 'c', 'c', 'd'),
      (change) => changes.push(change),
    )
    assert.deepEqual(
      changes.map(({ change, alert }) => [change, alert.output]),
      [
        ['goes', 'o a'],
        ['comes', 'o c'],
        ['comes', 'o c'],
      ],
    )
    assert.deepEqual([diff.events, diff.before, diff.after], [5, 2, 3])
    assert.deepEqual(diff.byRule, [
      { rule: 'starts a', before: 1, after: 0, comes: 0, goes: 1 },
      { rule: 'starts b', before: 1, after: 1, comes: 0, goes: 0 },
      { rule: 'starts c', before: 0, after: 2, comes: 2, goes: 0 },
    ])
  })
})
