// The plain evaluator of a rule set: evaluates the rules for the type of an event in load order.
import type { BoundExpression } from '../compile/bound-tree.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { Evaluator, Evaluation } from './evaluator.js'
import type { RuleEvent } from '../fields/rule-event.js'
import { eventTypeOf } from '../fields/record/event-type.js'
import type { RuleSet } from '../rule-set/rule-set.js'
import { RecordSource, type FieldSource } from '../fields/field-source.js'
import { and, type Kleene } from './kleene.js'
import { prepareExpression, type PreparedExpression } from './prepare.js'
import type { RuleStatistics } from './rule-statistics.js'

/** Which Falco rules create alerts if several match. first: only the first in load order, Falco's default. all: every one. Sigma rules are independent. */
export type RuleMatching = 'first' | 'all'

/** A rule that is ready to evaluate. */
export interface PreparedRule {
  readonly rule: CompiledRule
  /** In the load order. */
  readonly position: number
  readonly holds: PreparedExpression
  /** Condition on the events that the rule applies to; one function for all rules of a log source. null for every event. */
  readonly isInScope: PreparedExpression | null
}

const NOTHING: Evaluation = { matched: [], waiting: [] }

/** Creates an evaluator of the active rules of a set. */
export function createPlainEvaluator(ruleSet: RuleSet, options: { readonly matching?: RuleMatching } = {}): Evaluator {
  return new PlainEvaluator(ruleSet, options.matching ?? 'first')
}

class PlainEvaluator implements Evaluator {
  readonly ruleSetHash: string
  readonly eventTypes: ReadonlySet<string>
  readonly #rulesByType: ReadonlyMap<string, readonly PreparedRule[]>
  readonly #matching: RuleMatching

  constructor(ruleSet: RuleSet, matching: RuleMatching) {
    this.ruleSetHash = ruleSet.hash
    this.#matching = matching
    this.#rulesByType = indexByType(ruleSet)
    this.eventTypes = new Set(this.#rulesByType.keys())
  }

  evaluate(event: RuleEvent): Evaluation {
    const type = eventTypeOf(event.event)
    const rules = type === null ? undefined : this.#rulesByType.get(type)
    if (rules === undefined) return NOTHING
    return verdictsOf(rules, new RecordSource(event), this.#matching)
  }
}

/**
 * The verdicts of rules on an event: what every evaluator must return.
 * @param rules in load order; none of the others holds or waits
 * @param statistics counts the evaluations, if given
 */
export function verdictsOf(
  rules: readonly PreparedRule[],
  source: FieldSource,
  matching: RuleMatching,
  statistics: RuleStatistics | null = null,
): Evaluation {
  const matched: CompiledRule[] = []
  const waiting: CompiledRule[] = []
  let isFirstFound = false
  let scope: PreparedExpression | null = null
  let scopeVerdict: Kleene = true
  for (const { rule, position, holds, isInScope } of rules) {
    const isOfFirst = matching === 'first' && rule.language === 'falco'
    if (isOfFirst && isFirstFound) continue
    const startMs = statistics?.begin(position) === true ? performance.now() : null
    if (isInScope !== scope) {
      scope = isInScope
      scopeVerdict = isInScope === null ? true : isInScope(source)
    }
    const verdict = scopeVerdict === false ? false : and(scopeVerdict, holds(source))
    if (startMs !== null) statistics?.timed(position, performance.now() - startMs)
    if (verdict === null) waiting.push(rule)
    if (verdict !== true) continue
    statistics?.matched(position)
    isFirstFound ||= isOfFirst
    // An earlier Falco rule that waits may still be the first to match, so it holds back this verdict.
    if (!isOfFirst || waiting.every(({ language }) => language !== 'falco')) matched.push(rule)
  }
  return matched.length === 0 && waiting.length === 0 ? NOTHING : { matched, waiting }
}

function indexByType(ruleSet: RuleSet): ReadonlyMap<string, readonly PreparedRule[]> {
  const index = new Map<string, PreparedRule[]>()
  const preparation = new RulePreparation()
  for (const [position, rule] of ruleSet.activeRules.entries()) {
    const prepared = preparation.prepare(rule, position)
    for (const type of rule.eventTypes) {
      const rules = index.get(type)
      if (rules === undefined) index.set(type, [prepared])
      else rules.push(prepared)
    }
  }
  return index
}

/** Prepares the rules of a set. Equal scopes have one function, so that its verdict is reused for the next rule. */
export class RulePreparation {
  readonly #scopes = new Map<BoundExpression, PreparedExpression>()

  prepare(rule: CompiledRule, position: number): PreparedRule {
    return { rule, position, holds: prepareExpression(rule.condition), isInScope: this.#scopeOf(rule) }
  }

  #scopeOf({ scope }: CompiledRule): PreparedExpression | null {
    if (scope === null) return null
    const prepared = this.#scopes.get(scope) ?? prepareExpression(scope)
    this.#scopes.set(scope, prepared)
    return prepared
  }
}
