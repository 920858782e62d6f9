// Evaluates the rules that may match events of one type: conditions reduced for the type, shared tests, and the index that selects rules.
import type { BoundCheck, BoundExpression } from '../../compile/bound-tree.js'
import { mergeAlternatives } from '../../analysis/merge-alternatives.js'
import { isNever, settleEventType } from '../../analysis/event-types.js'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import type { RuleEvent } from '../../fields/rule-event.js'
import type { RuleStatistics } from '../rule-statistics.js'
import type { Decisions } from './prepared-checks.js'
import { type EventMemory, type VerdictCode, FALSE, TRUE, UNKNOWN_YET } from './event-memory.js'
import { chooseGates } from './gates.js'
import { RuleIndex, type IndexedRule } from './rule-index.js'
import { SharedTests, type SharedTest } from './shared-tests.js'

/** A rule with its position in the load order. */
export interface PlacedRule {
  readonly rule: CompiledRule
  readonly position: number
}

interface TestedRule extends IndexedRule, PlacedRule {
  /** Condition on the events that the rule applies to; null for every event. */
  readonly isInScope: SharedTest | null
  readonly holds: SharedTest
}

/** Rules that match, and rules that wait, each list in load order. */
export interface Found {
  readonly matched: PlacedRule[]
  readonly waiting: PlacedRule[]
}

/** Evaluates the events of one type. */
export class TypeEvaluator {
  readonly #isFirst: boolean
  readonly #index: RuleIndex<TestedRule>
  readonly #memory: EventMemory

  /** @param rules the rules that may match events of the type, in load order */
  constructor(type: string, rules: readonly PlacedRule[], decisions: Decisions, isFirst: boolean) {
    this.#isFirst = isFirst
    const tests = new SharedTests(decisions)
    const settle = (expression: BoundExpression): BoundExpression =>
      mergeAlternatives(settleEventType(expression, (check) => typeVerdict(check, type, decisions)))
    const added = rules.flatMap(({ rule, position }) => {
      const condition = settle(rule.condition)
      if (isNever(condition)) return []
      const scope = rule.scope === null ? null : tests.add(settle(rule.scope))
      return [{ rule, position, condition, scope, node: tests.add(condition) }]
    })
    const nodes = added.map(({ scope, node }) => (scope === null ? [node] : [scope, node]))
    const gates = chooseGates(nodes, tests)
    const tested = added.map(({ scope, node, ...rest }, at): TestedRule => {
      const alternatives = gates[at] ?? []
      return { ...rest, alternatives, isInScope: scope === null ? null : tests.testOf(scope), holds: tests.testOf(node) }
    })
    this.#index = new RuleIndex(tested, (operand) => tests.reader(operand))
    this.#memory = tests.createMemory()
  }

  /** Returns null if no rule matches or waits, which is the usual case. */
  evaluate(event: RuleEvent, statistics: RuleStatistics): Found | null {
    const memory = this.#memory
    memory.begin(event)
    let found: Found | null = null
    let isFirstFound = false
    for (const one of this.#index.rulesFor(memory)) {
      const isOfFirst = this.#isFirst && one.rule.language === 'falco'
      if (isOfFirst && isFirstFound) continue
      const isTimed = statistics.begin(one.position)
      const verdict = isTimed ? timedVerdict(one, memory, statistics) : verdictOf(one, memory)
      if (verdict === FALSE) continue
      found ??= { matched: [], waiting: [] }
      if (verdict === UNKNOWN_YET) found.waiting.push(one)
      else {
        statistics.matched(one.position)
        isFirstFound ||= isOfFirst
        // An earlier Falco rule that waits may still be the first to match, so it holds back this verdict.
        if (!isOfFirst || found.waiting.every(({ rule }) => rule.language !== 'falco')) found.matched.push(one)
      }
    }
    return found
  }
}

function timedVerdict(one: TestedRule, memory: EventMemory, statistics: RuleStatistics): VerdictCode {
  const startMs = performance.now()
  const verdict = verdictOf(one, memory)
  statistics.timed(one.position, performance.now() - startMs)
  return verdict
}

function verdictOf({ isInScope, holds }: TestedRule, memory: EventMemory): VerdictCode {
  if (isInScope === null) return holds(memory)
  const scope = isInScope(memory)
  if (scope === FALSE) return FALSE
  const verdict = holds(memory)
  return verdict === TRUE ? scope : verdict
}

/** The verdict of a check on `evt.type` for the type; null for every other check. */
function typeVerdict(check: BoundCheck, type: string, decisions: Decisions): boolean | null {
  if (check.left.kind !== 'field' || check.left.field.definition.name !== 'evt.type') return null
  const { matches } = decisions.of(check)
  return matches === null ? null : matches(type)
}
