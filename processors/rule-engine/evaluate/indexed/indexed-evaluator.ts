// The evaluator of long-lived parts: the plain one's verdicts, with an index in front (type of event, name of process) and with tests that rules
// share judged once per event. Property tests hold both to the same judgements.
import type { RuleMatching } from '../plain-evaluator.js'
import type { Evaluator, Judgement } from '../evaluator.js'
import { eventTypeOf } from '../../fields/record/event-type.js'
import type { JudgedEvent } from '../../fields/judged-event.js'
import type { RuleSet } from '../../rule-set/rule-set.js'
import { RuleStatistics, TIMED_EVERY } from '../rule-statistics.js'
import { Decisions } from './prepared-checks.js'
import { TypeJudge } from './type-judge.js'
import type { PlacedRule } from './type-judge.js'

const NOTHING: Judgement = { matched: [], waiting: [] }

/** How an evaluator is made. */
export interface EvaluatorOptions {
  /** Default first. */
  readonly matching?: RuleMatching
  /** Of each rule one judgement of so many is timed, a power of two; default 64, 1 for all. */
  readonly timedEvery?: number
}

/** Makes an evaluator of the rules of a set that are enabled and can be judged from records. */
export function createIndexedEvaluator(ruleSet: RuleSet, options: EvaluatorOptions = {}): Evaluator {
  return new IndexedEvaluator(ruleSet, options)
}

class IndexedEvaluator implements Evaluator {
  readonly ruleSetHash: string
  readonly eventTypes: ReadonlySet<string>
  readonly statistics: RuleStatistics
  readonly #judges = new Map<string, TypeJudge>()
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

  judge(event: JudgedEvent): Judgement {
    const type = eventTypeOf(event.event)
    const found = type === null ? null : this.#judgeOf(type)?.judge(event, this.statistics)
    if (found === null || found === undefined) return NOTHING
    return { matched: found.matched.map(({ rule }) => rule), waiting: found.waiting.map(({ rule }) => rule) }
  }

  /** Made when the first event of the type comes: most hosts never see most types. */
  #judgeOf(type: string): TypeJudge | null {
    const known = this.#judges.get(type)
    if (known !== undefined) return known
    const rules = this.#rules.get(type)
    if (rules === undefined) return null
    const judge = new TypeJudge(type, rules, this.#decisions, this.#isFirst)
    this.#judges.set(type, judge)
    return judge
  }
}

/** Rules by type of event, in load order. */
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
