// A condition as it is for events of one type: what it says of `evt.type` is settled, and what follows from that is left out. Verdicts stay the same
// for events of that type, also while facts are unknown: a term that is false settles an `and` whatever the others say.
import type { BoundCheck, BoundExpression } from '../compile/bound-tree.js'

/** What always, and what never holds. */
const ALWAYS: BoundExpression = { kind: 'and', children: [] }
const NEVER: BoundExpression = { kind: 'or', children: [] }

/** Says of a check on `evt.type` whether it holds; null for every other check. */
export type TypeVerdict = (check: BoundCheck) => boolean | null

/** The same node where nothing is settled, so that what is shared stays shared. */
export function settleEventType(expression: BoundExpression, verdictOf: TypeVerdict): BoundExpression {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return settleGroup(expression, verdictOf)
    case 'not': {
      const child = settleEventType(expression.child, verdictOf)
      if (isAlways(child)) return NEVER
      if (isNever(child)) return ALWAYS
      return child === expression.child ? expression : { kind: 'not', child }
    }
    default: {
      const verdict = verdictOf(expression)
      return verdict === null ? expression : verdict ? ALWAYS : NEVER
    }
  }
}

/** True for a condition that holds for no event. */
export const isNever = (expression: BoundExpression): boolean => expression.kind === 'or' && expression.children.length === 0
const isAlways = (expression: BoundExpression): boolean => expression.kind === 'and' && expression.children.length === 0

function settleGroup(group: BoundExpression & { kind: 'and' | 'or' }, verdictOf: TypeVerdict): BoundExpression {
  const [decides, drops] = group.kind === 'and' ? [isNever, isAlways] : [isAlways, isNever]
  const children: BoundExpression[] = []
  let isChanged = false
  for (const child of group.children) {
    const settled = settleEventType(child, verdictOf)
    if (decides(settled)) return settled
    if (settled !== child) isChanged = true
    if (drops(settled)) isChanged = true
    else children.push(settled)
  }
  const [only] = children
  if (only !== undefined && children.length === 1) return only
  return isChanged ? { kind: group.kind, children } : group
}
