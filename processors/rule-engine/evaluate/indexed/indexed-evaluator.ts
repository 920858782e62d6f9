// The evaluator of long-lived parts: the plain one's verdicts, with an index in front (type of event, name of process) and with tests that rules
// share judged once per event. Property tests hold both to the same judgements.
import type { RuleMatching } from '../plain-evaluator.js'
import type { Evaluator, Judgement } from '../../evaluator.js'
import { eventTypeOf } from '../../fields/record/event-type.js'
import type { JudgedEvent } from '../../judged-event.js'
import type { RuleSet } from '../../rule-set.js'
import { Decisions } from './decisions.js'
import { TypeJudge } from './type-judge.js'
import type { PlacedRule } from './type-judge.js'

const NOTHING: Judgement = { matched: [], waiting: [] }

/** Makes an evaluator of the rules of a set that are enabled and can be judged from records. */
export function createIndexedEvaluator(ruleSet: RuleSet, options: { readonly matching?: RuleMatching } = {}): Evaluator {
  return new IndexedEvaluator(ruleSet, options.matching ?? 'first')
}

class IndexedEvaluator implements Evaluator {
  readonly ruleSetHash: string
  readonly eventTypes: ReadonlySet<string>
  readonly #judges: ReadonlyMap<string, TypeJudge>

  constructor(ruleSet: RuleSet, matching: RuleMatching) {
    this.ruleSetHash = ruleSet.hash
    const decisions = new Decisions()
    this.#judges = new Map(
      [...rulesByType(ruleSet)].map(([type, rules]) => [type, new TypeJudge(type, rules, decisions, matching === 'first')]),
    )
    this.eventTypes = new Set(this.#judges.keys())
  }

  judge(event: JudgedEvent): Judgement {
    const type = eventTypeOf(event.event)
    const found = type === null ? undefined : this.#judges.get(type)?.judge(event)
    if (found === null || found === undefined) return NOTHING
    return { matched: found.matched.map(({ rule }) => rule), waiting: found.waiting.map(({ rule }) => rule) }
  }
}

function rulesByType(ruleSet: RuleSet): ReadonlyMap<string, readonly PlacedRule[]> {
  const byType = new Map<string, PlacedRule[]>()
  for (const [position, rule] of ruleSet.activeRules.entries()) {
    for (const type of rule.eventTypes) {
      const ofType = byType.get(type)
      if (ofType === undefined) byType.set(type, [{ rule, position }])
      else ofType.push({ rule, position })
    }
  }
  return byType
}
