// Checks prepared once for a rule set, whatever the event type, and the estimated cost of expressions. The cost decides only the order in
// which terms are evaluated, never a verdict.
import type { BoundCheck, BoundExpression } from '../../compile/bound-tree.js'
import { compileMatcher, compileTextMatcher, type Matcher, type TextMatcher } from '../matcher.js'
import { prepareDecision, type Decision } from '../prepare.js'

/** A prepared check. */
export interface PreparedCheck {
  readonly decide: Decision
  /** The same for a single present value; null for checks that need more than the value. */
  readonly matches: Matcher | null
  /** The same for text values; null if values are not texts. */
  readonly matchesText: TextMatcher | null
}

/** Prepares each check once. */
export class Decisions {
  readonly #prepared = new Map<BoundCheck, PreparedCheck>()

  of(check: BoundCheck): PreparedCheck {
    const known = this.#prepared.get(check)
    if (known !== undefined) return known
    const prepared = { decide: prepareDecision(check), matches: matcherOf(check), matchesText: textMatcherOf(check) }
    this.#prepared.set(check, prepared)
    return prepared
  }
}

function matcherOf(check: BoundCheck): Matcher | null {
  if (check.kind === 'exists') return () => true
  const { operator, modifier, left, right } = check
  return right.kind === 'constants' ? compileMatcher(operator, modifier, left.type, right.constants) : null
}

function textMatcherOf(check: BoundCheck): TextMatcher | null {
  if (check.kind === 'exists' || check.right.kind !== 'constants') return null
  return compileTextMatcher(check.operator, check.modifier, check.left.type, check.right.constants)
}

/** Approximate cost of a node, in comparisons of two short texts. @param children costs of its children */
export function costOf(expression: BoundExpression, children: readonly number[]): number {
  switch (expression.kind) {
    case 'or':
      return children.reduce((sum, cost) => sum + cost, 0)
    // The first term nearly always settles the verdict.
    case 'and':
    case 'not':
      return Math.min(...children, 1_000)
    case 'exists':
      return 1
    case 'comparison': {
      const { operator, modifier, right } = expression
      const values = right.kind === 'constants' && modifier !== null ? right.constants.length : 1
      return operatorCost(operator) * values
    }
  }
}

/** Terms with a lower rank are evaluated first. Terms of similar cost stay in the order of the rule: its author knows best. */
export function rankOf(expression: BoundExpression, cost: number): number {
  // Exclusions are nearly always true, so they settle nothing.
  const isExclusion = expression.kind === 'not' || (expression.kind === 'comparison' && expression.operator === '!=')
  return (isExclusion ? 100 : 0) + Math.floor(Math.log2(1 + cost))
}

function operatorCost(operator: string): number {
  switch (operator) {
    case 'regex':
      return 60
    case 'glob':
    case 'iglob':
    case 'pmatch':
      return 20
    case 'contains':
    case 'icontains':
    case 'bcontains':
      return 4
    default:
      return 1
  }
}
