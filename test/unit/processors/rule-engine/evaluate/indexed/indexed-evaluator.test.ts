// The indexed evaluator returns what the plain one returns, for every rule set, event and state of facts.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Evaluator } from '../../../../../../processors/rule-engine/evaluate/evaluator.js'
import { createIndexedEvaluator } from '../../../../../../processors/rule-engine/evaluate/indexed/indexed-evaluator.js'
import { createPlainEvaluator } from '../../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { RuleEvent } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../../../../processors/rule-engine/load/load-rules.js'
import type { RuleSet } from '../../../../../../processors/rule-engine/rule-set/rule-set.js'
import { aimedEvent, nearMissEvent } from '../../../../../support/generator/aimed-events.js'
import { Random } from '../../../../../support/generator/random.js'
import { falcoTargets, sigmaTargets } from '../../../../../support/generator/targets.js'
import { ruleCorpus } from '../../../../../support/rule-corpus.js'
import { arbitraryEvent, arbitraryRuleFiles } from '../../../../../support/rules/arbitrary-rules.js'
import { skipWithoutCorpora } from '../../../../../support/runner/skip-because.js'

const MATCHINGS = ['first', 'all'] as const

function verdicts(evaluator: Evaluator, event: RuleEvent): unknown {
  const { matched, waiting } = evaluator.evaluate(event)
  return { matched: matched.map(({ id }) => id), waiting: waiting.map(({ id }) => id) }
}

describe('the indexed evaluator', () => {
  it('agrees with the plain evaluator, with facts known, absent and unknown, and keeps nothing from one event to the next', () => {
    fc.assert(
      fc.property(arbitraryRuleFiles, fc.array(arbitraryEvent, { minLength: 1, maxLength: 8 }), (files, events) => {
        const { ruleSet, errors } = loadRules(files)
        assert.deepEqual(errors, [])
        for (const matching of MATCHINGS) {
          const plain = createPlainEvaluator(ruleSet, { matching })
          const indexed = createIndexedEvaluator(ruleSet, { matching })
          for (const event of events) assert.deepEqual(verdicts(indexed, event), verdicts(plain, event))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('agrees with the plain evaluator on public rules, for events that match them or nearly do', function () {
    const corpus = ruleCorpus()
    if (corpus === null) return skipWithoutCorpora(this)
    const { ruleSet } = loadRules([...corpus.falco, ...corpus.sigma])
    const targets = [...falcoTargets(corpus.falco.map(({ text }) => text)), ...sigmaTargets(corpus.sigma.map(({ text }) => text))]
    const random = new Random(4711)
    const pairs = evaluators(ruleSet)
    let matched = 0
    for (const [index, target] of targets.entries()) {
      if (index % 2 === 1) continue
      const event = (index % 8 === 0 ? nearMissEvent : aimedEvent)(target, random)
      if (event === null) continue
      for (const ruleEvent of withOpenFacts(event)) {
        for (const [plain, indexed] of pairs) assert.deepEqual(verdicts(indexed, ruleEvent), verdicts(plain, ruleEvent), target.rule)
      }
      matched += pairs[0]?.[1].evaluate(event).matched.length ?? 0
    }
    assert.ok(matched > 50, `only ${String(matched)} of the events met a rule`)
  })

  it('has the same event types and rule set hash as the plain evaluator', () => {
    const { ruleSet } = loadRules([
      { name: 'f.yaml', text: '- rule: r\n  desc: d\n  condition: evt.type in (execve, openat)\n  output: o\n  priority: INFO\n' },
    ])
    for (const [plain, indexed] of evaluators(ruleSet)) {
      assert.deepEqual([...indexed.eventTypes].sort(), [...plain.eventTypes].sort())
      assert.equal(indexed.ruleSetHash, ruleSet.hash)
    }
  })
})

function evaluators(ruleSet: RuleSet): [plain: Evaluator, indexed: Evaluator][] {
  return MATCHINGS.map((matching) => [createPlainEvaluator(ruleSet, { matching }), createIndexedEvaluator(ruleSet, { matching })])
}

/** The event as it is, and as it is evaluated before the facts of its container are there. */
function withOpenFacts(event: RuleEvent): RuleEvent[] {
  return [event, { ...event, container: { state: 'unknown', containerId: null } }]
}
