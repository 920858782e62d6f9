// Which event types can make a condition true: the index in front of all rules. An over-approximation, never too few:
// what is not about evt.type may be true or false of any event.
import { COLLECTED_EVENT_TYPES } from '../fields/record/event-type.js'
import type { BoundExpression, BoundComparison } from './bound-tree.js'

/** A set of names, or all but a set of names. */
interface TypeSet {
  readonly isExcept: boolean
  readonly names: ReadonlySet<string>
}
const ALL: TypeSet = { isExcept: true, names: new Set() }
const NONE: TypeSet = { isExcept: false, names: new Set() }

/** For which types an expression may be true, and for which it may be false. */
interface Possible {
  readonly whenTrue: TypeSet
  readonly whenFalse: TypeSet
}

/** Event types for which the condition may hold; null for every type. */
export function eventTypesOf(expression: BoundExpression): readonly string[] | null {
  const { whenTrue } = possible(expression)
  return whenTrue.isExcept ? null : [...whenTrue.names].sort()
}

/** The same, for conditions that exclude types too: those of the collected types that it may hold for. */
export function collectedTypesOf(expression: BoundExpression): readonly string[] {
  const { whenTrue } = possible(expression)
  return COLLECTED_EVENT_TYPES.filter((type) => whenTrue.names.has(type) !== whenTrue.isExcept)
}

function possible(expression: BoundExpression): Possible {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const parts = expression.children.map(possible)
      const [narrow, wide] = expression.kind === 'and' ? (['whenTrue', 'whenFalse'] as const) : (['whenFalse', 'whenTrue'] as const)
      const narrowed = parts.map((part) => part[narrow]).reduce(intersection, ALL)
      const widened = parts.map((part) => part[wide]).reduce(union, NONE)
      return expression.kind === 'and' ? { whenTrue: narrowed, whenFalse: widened } : { whenTrue: widened, whenFalse: narrowed }
    }
    case 'not': {
      const { whenTrue, whenFalse } = possible(expression.child)
      return { whenTrue: whenFalse, whenFalse: whenTrue }
    }
    case 'exists':
      return { whenTrue: ALL, whenFalse: ALL }
    case 'comparison':
      return comparisonTypes(expression)
  }
}

function comparisonTypes(check: BoundComparison): Possible {
  const { left, right, operator, modifier } = check
  const isType = left.kind === 'field' && (left.field.definition.name === 'evt.type' || left.field.definition.name === 'syscall.type')
  if (!isType || right.kind !== 'constants' || modifier !== null) return { whenTrue: ALL, whenFalse: ALL }
  const names = new Set(right.constants.filter((constant) => typeof constant === 'string'))
  const named: TypeSet = { isExcept: false, names }
  const others: TypeSet = { isExcept: true, names }
  if (operator === '=' || operator === '==' || operator === 'in' || operator === 'intersects') return { whenTrue: named, whenFalse: others }
  // evt.type is never absent, but syscall.type is for some events, and then even != is false.
  if (operator === '!=') return { whenTrue: others, whenFalse: left.field.definition.name === 'evt.type' ? named : ALL }
  return { whenTrue: ALL, whenFalse: ALL }
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
