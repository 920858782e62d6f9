// Which event types can make a condition true: the index in front of all rules. An over-approximation, never too few:
// what is not about evt.type may be true or false of any event.
import { COLLECTED_EVENT_TYPES } from '../fields/record/event-type.js'
import type { BoundExpression, BoundComparison } from './bound-tree.js'
import { possibleOf } from './possible.js'
import type { Domain, Possible } from './possible.js'

/** A set of names, or all but a set of names. */
interface TypeSet {
  readonly isExcept: boolean
  readonly names: ReadonlySet<string>
}
const ALL: TypeSet = { isExcept: true, names: new Set() }
const NONE: TypeSet = { isExcept: false, names: new Set() }

/** Event types for which the condition may hold; null for every type. */
export function eventTypesOf(expression: BoundExpression): readonly string[] | null {
  const { whenTrue } = possibleOf(expression, TYPES)
  return whenTrue.isExcept ? null : [...whenTrue.names].sort()
}

/** The same, for conditions that exclude types too: those of the collected types that it may hold for. */
export function collectedTypesOf(expression: BoundExpression): readonly string[] {
  const { whenTrue } = possibleOf(expression, TYPES)
  return COLLECTED_EVENT_TYPES.filter((type) => whenTrue.names.has(type) !== whenTrue.isExcept)
}

function comparisonTypes(check: BoundComparison): Possible<TypeSet> | null {
  const { left, right, operator, modifier } = check
  const isType = left.kind === 'field' && (left.field.definition.name === 'evt.type' || left.field.definition.name === 'syscall.type')
  if (!isType || right.kind !== 'constants' || modifier !== null) return null
  const names = new Set(right.constants.filter((constant) => typeof constant === 'string'))
  const named: TypeSet = { isExcept: false, names }
  const others: TypeSet = { isExcept: true, names }
  if (operator === '=' || operator === '==' || operator === 'in' || operator === 'intersects') return { whenTrue: named, whenFalse: others }
  // evt.type is never absent, but syscall.type is for some events, and then even != is false.
  if (operator === '!=') return { whenTrue: others, whenFalse: left.field.definition.name === 'evt.type' ? named : ALL }
  return null
}

function intersection(a: TypeSet, b: TypeSet): TypeSet {
  if (a.isExcept && b.isExcept) return { isExcept: true, names: new Set([...a.names, ...b.names]) }
  if (a.isExcept) return { isExcept: false, names: new Set([...b.names].filter((name) => !a.names.has(name))) }
  return { isExcept: false, names: new Set([...a.names].filter((name) => b.names.has(name) !== b.isExcept)) }
}

function union(a: TypeSet, b: TypeSet): TypeSet {
  return complement(intersection(complement(a), complement(b)))
}
function complement(set: TypeSet): TypeSet {
  return { isExcept: !set.isExcept, names: set.names }
}

const TYPES: Domain<TypeSet> = {
  all: ALL,
  none: NONE,
  meet: intersection,
  join: union,
  ofCheck: (check) => (check.kind === 'exists' ? null : comparisonTypes(check)),
}
