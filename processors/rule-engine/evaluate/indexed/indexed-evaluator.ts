// The evaluator of long-running parts: same verdicts as the plain evaluator, with an index (event type, process name) and with shared tests
// that run once per event. Property tests compare both evaluators.
import type { RuleMatching } from '../plain-evaluator.js'
import type { Evaluator, Evaluation } from '../evaluator.js'
import { eventTypeOf } from '../../fields/record/event-type.js'
import type { RuleEvent } from '../../fields/rule-event.js'
import type { RuleSet } from '../../rule-set/rule-set.js'
import { RuleStatistics, TIMED_EVERY } from '../rule-statistics.js'
import { Decisions } from './prepared-checks.js'
import { TypeEvaluator, type PlacedRule } from './type-evaluator.js'

const NOTHING: Evaluation = { matched: [], waiting: [] }

/** Options of an evaluator. */
export interface EvaluatorOptions {
  /** Default first. */
  readonly matching?: RuleMatching
  /** One evaluation in this many is timed, for each rule. A power of two; default 64, 1 for all. */
  readonly timedEvery?: number
}

/** Creates an evaluator of the active rules of a set. */
export function createIndexedEvaluator(ruleSet: RuleSet, options: EvaluatorOptions = {}): Evaluator {
  return new IndexedEvaluator(ruleSet, options)
}

class IndexedEvaluator implements Evaluator {
  readonly ruleSetHash: string
  readonly eventTypes: ReadonlySet<string>
  readonly statistics: RuleStatistics
  readonly #byType = new Map<string, TypeEvaluator>()
  readonly #rules: ReadonlyMap<string, readonly PlacedRule[]>
  readonly #decisions = new Decisions()
  readonly #isFirst: boolean

  constructor(ruleSet: RuleSet, { matching = 'first', timedEvery = TIMED_EVERY }: EvaluatorOptions) {
    this.ruleSetHash = ruleSet.hash
    this.#isFirst = matching === 'first'
    this.statistics = new RuleStatistics(ruleSet.activeRules, timedEvery)
    this.#rules = rulesByType(ruleSet)
    this.eventTypes = new Set(this.#rules.keys())
  }

  evaluate(event: RuleEvent): Evaluation {
    const type = eventTypeOf(event.event)
    const found = type === null ? null : this.#evaluatorOf(type)?.evaluate(event, this.statistics)
    if (found === null || found === undefined) return NOTHING
    return { matched: found.matched.map(({ rule }) => rule), waiting: found.waiting.map(({ rule }) => rule) }
  }

  /** Created with the first event of the type: most hosts never see most types. */
  #evaluatorOf(type: string): TypeEvaluator | null {
    const known = this.#byType.get(type)
    if (known !== undefined) return known
    const rules = this.#rules.get(type)
    if (rules === undefined) return null
    const evaluator = new TypeEvaluator(type, rules, this.#decisions, this.#isFirst)
    this.#byType.set(type, evaluator)
    return evaluator
  }
}

/** Rules by event type, in load order. */
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
