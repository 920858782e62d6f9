// Verdicts of whole rule sets while facts are unknown: what is settled then stays so for every completion of the facts, through macros,
// exceptions, the log sources of Sigma rules, and first matching.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Evaluation } from '../../../../../processors/rule-engine/evaluate/evaluator.js'
import { createCompiledEvaluator } from '../../../../../processors/rule-engine/compiled/compiled-evaluator.js'
import { createPlainEvaluator, type RuleMatching } from '../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { ContainerKnowledge, RuleEvent } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import type { RuleSet } from '../../../../../processors/rule-engine/rule-set/rule-set.js'
import type { ContainerFacts } from '../../../../../schemas/generated/types.js'
import { arbitraryEvent, arbitraryFacts, arbitraryRuleFiles } from '../../../../support/rules/arbitrary-rules.js'

const CONTAINER = '4f1c0c5de2a94b7f9a3b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809112'

/** What is not known yet, and everything that it may turn out to be. */
function completionsOf(containerId: string | null, facts: ContainerFacts): ContainerKnowledge[] {
  const inContainer: ContainerKnowledge[] = [
    { state: 'known', containerId: CONTAINER, facts },
    { state: 'absent', containerId: CONTAINER, isClaimed: false },
  ]
  return containerId === null ? [...inContainer, { state: 'host' }] : inContainer
}

const ids = (rules: Evaluation['matched']): string[] => rules.map(({ id }) => id)

function evaluations(set: RuleSet, matching: RuleMatching, event: RuleEvent): Evaluation[] {
  return [createPlainEvaluator, createCompiledEvaluator].map((create) => create(set, { matching }).evaluate(event))
}

describe('a rule set, while facts are unknown', () => {
  const scene = fc.tuple(arbitraryRuleFiles, arbitraryEvent, fc.constantFrom(null, CONTAINER), arbitraryFacts)

  it('settles with all matching only what every completion of the facts settles alike', () => {
    fc.assert(
      fc.property(scene, ([files, { event }, containerId, facts]) => {
        const { ruleSet } = loadRules(files)
        for (const early of evaluations(ruleSet, 'all', { event, container: { state: 'unknown', containerId } })) {
          for (const container of completionsOf(containerId, facts)) {
            for (const late of evaluations(ruleSet, 'all', { event, container })) {
              assert.deepEqual(late.waiting, [])
              const open = new Set(ids(early.waiting))
              assert.deepEqual(
                ids(late.matched).filter((id) => !open.has(id)),
                ids(early.matched),
              )
            }
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  it('does not match a rule, with first matching, while an earlier rule may still match', () => {
    fc.assert(
      fc.property(scene, ([files, { event }, containerId, facts]) => {
        const { ruleSet } = loadRules(files)
        for (const early of evaluations(ruleSet, 'first', { event, container: { state: 'unknown', containerId } })) {
          for (const container of completionsOf(containerId, facts)) {
            for (const late of evaluations(ruleSet, 'first', { event, container })) {
              const spoken = ids(early.matched)
              assert.deepEqual(
                ids(late.matched).filter((id) => spoken.includes(id)),
                spoken,
              )
              if (early.waiting.length === 0) assert.deepEqual(ids(late.matched), spoken)
            }
          }
        }
      }),
      { numRuns: 40 },
    )
  })
})
