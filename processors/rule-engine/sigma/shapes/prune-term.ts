// A term without what is known beforehand: checks of fields whose values are the same for every event, and what they decide.
import { fieldsOf } from '../../compile/bound-tree.js'
import type { BoundExpression } from '../../compile/bound-tree.js'
import type { FieldSource } from '../../fields/field-source.js'
import { prepareExpression } from '../../evaluate/prepare.js'
import { UNKNOWN } from '../../fields/field-value.js'
import type { Expression } from '../../language/tree.js'
import { allTerms, anyTerm, notTerm } from '../compile/term.js'
import type { Term } from '../compile/term.js'

/** @param known gives the values that are known, and UNKNOWN for all others. @returns what is left to ask, or the verdict */
export function pruneTerm(term: Term, known: FieldSource): Term | boolean {
  return prune(term.tree, term.bound, known)
}

function prune(tree: Expression, bound: BoundExpression, known: FieldSource): Term | boolean {
  switch (bound.kind) {
    case 'and':
      return pruneGroup(tree, bound.children, known, false)
    case 'or':
      return pruneGroup(tree, bound.children, known, true)
    case 'not': {
      const child = tree.kind === 'not' ? prune(tree.child, bound.child, known) : unlike()
      return typeof child === 'boolean' ? !child : notTerm(child)
    }
    default: {
      const values = fieldsOf(bound).map((field) => known.value(field))
      // A check of what is absent is false, whatever it asks.
      if (values.includes(undefined)) return false
      const verdict = values.includes(UNKNOWN) ? null : prepareExpression(bound)(known)
      return verdict ?? { tree, bound, size: sizeOf(bound) }
    }
  }
}

/** @param decisive what one child is enough for: true of `or`, false of `and` */
function pruneGroup(tree: Expression, children: readonly BoundExpression[], known: FieldSource, decisive: boolean): Term | boolean {
  if (tree.kind !== 'and' && tree.kind !== 'or') return unlike()
  const left: Term[] = []
  for (const [index, bound] of children.entries()) {
    const shown = tree.children[index]
    const child = shown === undefined ? unlike() : prune(shown, bound, known)
    if (child === decisive) return decisive
    if (typeof child !== 'boolean') left.push(child)
  }
  if (left.length === 0) return !decisive
  return decisive ? anyTerm(left) : allTerms(left)
}

function sizeOf(bound: BoundExpression): number {
  return bound.kind === 'comparison' && bound.right.kind === 'constants' ? bound.right.constants.length : 1
}

/** The tree that people are shown and the bound one are made together, node for node. */
function unlike(): never {
  throw new TypeError('the trees of a term differ')
}
