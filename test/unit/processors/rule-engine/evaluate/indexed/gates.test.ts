// Gates: which rules are evaluated for an event, according to the statistics. The property test next to this one covers the verdicts.
import assert from 'node:assert/strict'
import type { ContainerKnowledge } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import { createIndexedEvaluator } from '../../../../../../processors/rule-engine/evaluate/indexed/indexed-evaluator.js'
import { loadRules } from '../../../../../../processors/rule-engine/load/load-rules.js'
import { sampleFileEvent } from '../../../../../support/records/sample-records.js'

const HOST: ContainerKnowledge = { state: 'host' }
const UNKNOWN: ContainerKnowledge = { state: 'unknown', containerId: 'a'.repeat(64) }

/** How often a rule with this condition is asked about one open for writing. */
function timesAsked(condition: string, container: ContainerKnowledge = HOST): number {
  const text = `- rule: r\n  desc: d\n  condition: evt.type = openat and ${condition}\n  output: o\n  priority: INFO\n`
  const { ruleSet } = loadRules([{ name: 'f.yaml', text }])
  const evaluator = createIndexedEvaluator(ruleSet)
  evaluator.evaluate({ event: { topic: 'file', record: sampleFileEvent({ isRead: false, isWrite: true, fd: 3 }) }, container })
  return evaluator.statistics?.figures()[0]?.evaluated ?? NaN
}

describe('a rule with gates', () => {
  const CASES: readonly (readonly [condition: string, asked: number])[] = [
    ['evt.is_open_write = true and fd.num >= 0', 1],
    ['evt.is_open_read = true and fd.num >= 0', 0],
    ['fd.num >= 0 and (evt.is_open_write = true and fd.num = 77)', 0],
    ['(evt.is_open_read = true or fd.num = 77)', 0],
    ['(evt.is_open_read = true or fd.num = 3)', 1],
    ['(evt.is_open_read = true or not fd.num = 4)', 1],
    ['(evt.is_open_read = true or not fd.num = 3)', 0],
    ['fd.num != 3', 1],
    ['not evt.is_open_write = true', 1],
    // What costs much is on the account of the rule.
    ['fd.name glob /nowhere/*', 1],
  ]
  for (const [condition, asked] of CASES) {
    it(`${condition} is ${asked === 0 ? 'not evaluated' : 'evaluated'} for an open for writing`, () =>
      assert.equal(timesAsked(condition), asked))
  }

  it('is evaluated while a gate is unknown', () => {
    assert.equal(timesAsked('container.image.repository = nginx', UNKNOWN), 1)
    assert.equal(timesAsked('container.image.repository = nginx and evt.is_open_read = true', UNKNOWN), 0)
  })
})
