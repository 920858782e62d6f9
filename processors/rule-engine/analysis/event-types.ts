// The event types for which a condition can be true: the first index of the rules. An over-approximation, never too few:
// a check on any other field may be true or false for any event.
import { ALL_NAMES, NO_NAME, hasName, intersection, possibleOf, union, type Domain, type NameSet, type Possible } from './possible.js'
import type { BoundCheck, BoundComparison, BoundExpression } from '../compile/bound-tree.js'
import { COLLECTED_EVENT_TYPES } from '../fields/record/event-type.js'

/** Event types for which the condition may hold; null for all types. */
export function eventTypesOf(expression: BoundExpression): readonly string[] | null {
  const { whenTrue } = possibleOf(expression, TYPES)
  return whenTrue.isExcept ? null : [...whenTrue.names].sort()
}

/** The same for events with numbers from 1: `evt.num = 0` holds for none. Field maps can have any number, so this is no index. */
export function numberedEventTypesOf(expression: BoundExpression): readonly string[] | null {
  const { whenTrue } = possibleOf(expression, NUMBERED_TYPES)
  return whenTrue.isExcept ? null : [...whenTrue.names].sort()
}

/** The collected event types for which the condition may hold, also if it excludes types. */
export function collectedTypesOf(expression: BoundExpression): readonly string[] {
  const { whenTrue } = possibleOf(expression, TYPES)
  return COLLECTED_EVENT_TYPES.filter((type) => hasName(whenTrue, type))
}

/** The verdicts of checks on the type, for events of one type. */
export function verdictsOfType(type: string): TypeVerdict {
  return (check) => {
    const possible = check.kind === 'exists' ? null : comparisonTypes(check)
    if (possible === null) return null
    if (!hasName(possible.whenTrue, type)) return false
    return hasName(possible.whenFalse, type) ? null : true
  }
}

function comparisonTypes(check: BoundComparison): Possible<NameSet> | null {
  const { left, right, operator, modifier } = check
  const isType = left.kind === 'field' && (left.field.definition.name === 'evt.type' || left.field.definition.name === 'syscall.type')
  if (!isType || right.kind !== 'constants' || modifier !== null) return null
  const names = new Set(right.constants.filter((constant) => typeof constant === 'string'))
  const named: NameSet = { isExcept: false, names }
  const others: NameSet = { isExcept: true, names }
  // evt.type is never absent, but syscall.type is absent for some events, and then every check is false.
  const isAlwaysThere = left.field.definition.name === 'evt.type'
  if (operator === '=' || operator === '==' || operator === 'in' || operator === 'intersects') {
    return { whenTrue: named, whenFalse: isAlwaysThere ? others : ALL_NAMES }
  }
  if (operator === '!=') return { whenTrue: others, whenFalse: isAlwaysThere ? named : ALL_NAMES }
  return null
}

const TYPES: Domain<NameSet> = {
  all: ALL_NAMES,
  none: NO_NAME,
  meet: intersection,
  join: union,
  ofCheck: (check) => (check.kind === 'exists' ? null : comparisonTypes(check)),
}

const NEVER: Possible<NameSet> = { whenTrue: NO_NAME, whenFalse: ALL_NAMES }
const ALWAYS: Possible<NameSet> = { whenTrue: ALL_NAMES, whenFalse: NO_NAME }

/**
 * The possible verdicts of a check for an event with a number of 1 or more.
 * @see https://github.com/falcosecurity/libs/pull/3009
 */
function numberVerdict({ left, operator, modifier, right }: BoundComparison): Possible<NameSet> | null {
  if (left.kind !== 'field' || left.field.definition.name !== 'evt.num' || right.kind !== 'constants' || modifier !== null) return null
  const isAtMost = (limit: number): boolean =>
    right.constants.every((constant) => (typeof constant === 'number' || typeof constant === 'bigint') && constant <= limit)
  switch (operator) {
    case '=':
    case '==':
    case 'in':
    case 'intersects':
    case '<=':
      return isAtMost(0) ? NEVER : null
    case '<':
      return isAtMost(1) ? NEVER : null
    case '!=':
    case '>':
      return isAtMost(0) ? ALWAYS : null
    case '>=':
      return isAtMost(1) ? ALWAYS : null
    default:
      return null
  }
}

const NUMBERED_TYPES: Domain<NameSet> = {
  ...TYPES,
  ofCheck: (check) => (check.kind === 'exists' ? null : (numberVerdict(check) ?? comparisonTypes(check))),
}

// A condition for events of one type: checks on `evt.type` are replaced by their verdicts and the tree is simplified. Verdicts stay the same for events of
// that type, also while facts are unknown: a false term decides an `and` whatever the other terms are.

/** An expression that always holds, and one that never does. */
const TRUE_EXPRESSION: BoundExpression = { kind: 'and', children: [] }
const FALSE_EXPRESSION: BoundExpression = { kind: 'or', children: [] }

/** Whether a check on `evt.type` holds; null for every other check. */
export type TypeVerdict = (check: BoundCheck) => boolean | null

/** Returns the same node if nothing changes, so that shared nodes stay shared. */
export function settleEventType(expression: BoundExpression, verdictOf: TypeVerdict): BoundExpression {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return settleGroup(expression, verdictOf)
    case 'not': {
      const child = settleEventType(expression.child, verdictOf)
      if (isAlways(child)) return FALSE_EXPRESSION
      if (isNever(child)) return TRUE_EXPRESSION
      return child === expression.child ? expression : { kind: 'not', child }
    }
    default: {
      const verdict = verdictOf(expression)
      return verdict === null ? expression : verdict ? TRUE_EXPRESSION : FALSE_EXPRESSION
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
