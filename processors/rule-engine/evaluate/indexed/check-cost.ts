// In which order the terms of a group are asked: what costs little and is likely to settle it first. Only the order hangs on it, never a verdict.
import type { BoundExpression } from '../../compile/bound-tree.js'

/** Rough work of a node, in comparisons of two short texts. @param children of its children */
export function costOf(expression: BoundExpression, children: readonly number[]): number {
  switch (expression.kind) {
    case 'or':
      return children.reduce((sum, cost) => sum + cost, 0)
    // The first term nearly always settles it.
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

/** Terms of lower rank are asked first; those of about the same cost keep the order of the rule: its author knows best. */
export function rankOf(expression: BoundExpression, cost: number): number {
  // Exclusions nearly always hold, so they settle nothing.
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
