// Why a condition holds or not: the terms that are joined by `and`, each with its verdict. For people who write rules.
import type { BoundExpression } from '../compile/bound-tree.js'
import { printCondition } from '../language/printer.js'
import type { Expression } from '../language/tree.js'
import type { FieldSource } from './field-source.js'
import type { Kleene } from './kleene.js'
import { prepareExpression } from './prepare.js'

/** One term and what it said. */
export interface TermVerdict {
  readonly text: string
  readonly verdict: Kleene
}

/** @param tree and condition the same expression, node for node */
export function explainVerdict(tree: Expression, condition: BoundExpression, source: FieldSource): TermVerdict[] {
  if (tree.kind === 'and' && condition.kind === 'and') {
    return tree.children.flatMap((child, index) => {
      const bound = condition.children[index]
      return bound === undefined ? [] : explainVerdict(child, bound, source)
    })
  }
  return [{ text: printCondition(tree), verdict: prepareExpression(condition)(source) }]
}
