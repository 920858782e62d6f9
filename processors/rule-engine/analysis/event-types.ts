// Which event types can make a condition true: the index in front of all rules. An over-approximation, never too few:
// what is not about evt.type may be true or false of any event.
import { ALL_NAMES, NO_NAME, hasName, intersection, possibleOf, union } from './possible.js'
import type { Domain, NameSet, Possible } from './possible.js'
import type { BoundCheck, BoundComparison, BoundExpression } from '../compile/bound-tree.js'
import { COLLECTED_EVENT_TYPES } from '../fields/record/event-type.js'

/** Event types for which the condition may hold; null for every type. */
export function eventTypesOf(expression: BoundExpression): readonly string[] | null {
  const { whenTrue } = possibleOf(expression, TYPES)
  return whenTrue.isExcept ? null : [...whenTrue.names].sort()
}

/** The same, for events that are numbered from 1 on: `evt.num = 0` holds for none. Maps of fields may hold any number, so it is no index. */
export function numberedEventTypesOf(expression: BoundExpression): readonly string[] | null {
  const { whenTrue } = possibleOf(expression, NUMBERED_TYPES)
  return whenTrue.isExcept ? null : [...whenTrue.names].sort()
}

/** The same as eventTypesOf, for conditions that exclude types too: those of the collected types that it may hold for. */
export function collectedTypesOf(expression: BoundExpression): readonly string[] {
  const { whenTrue } = possibleOf(expression, TYPES)
  return COLLECTED_EVENT_TYPES.filter((type) => hasName(whenTrue, type))
}

/** What checks on the type say of events of one type. */
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
  // evt.type is never absent, but syscall.type is for some events, and then every check is false.
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
 * What a check says of an event whose number is 1 or more.
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

// A condition as it is for events of one type: what it says of `evt.type` is settled, and what follows from that is left out. Verdicts stay the same
// for events of that type, also while facts are unknown: a term that is false settles an `and` whatever the others say.

/** What always, and what never holds. */
const TRUE_EXPRESSION: BoundExpression = { kind: 'and', children: [] }
const FALSE_EXPRESSION: BoundExpression = { kind: 'or', children: [] }

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
