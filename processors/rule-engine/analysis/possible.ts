// What an event must be like for a condition to hold, seen through one question at a time (its type, its path, its outcome ...). An
// over-approximation, never too few: it serves as an index in front of rules, and as a plan of what need be watched.
import type { BoundCheck, BoundExpression } from '../compile/bound-tree.js'

/** Sets of answers to one question. `meet` may be too wide, never too narrow. */
export interface Domain<Set> {
  /** Any answer: nothing is said. */
  readonly all: Set
  /** No answer: it can't be. */
  readonly none: Set
  meet(a: Set, b: Set): Set
  join(a: Set, b: Set): Set
  /** What a single check says of the question; null when nothing. */
  ofCheck(check: BoundCheck): Possible<Set> | null
}

/** For which answers an expression may be true, and for which it may be false. Unknown facts make both wider, never narrower. */
export interface Possible<Set> {
  readonly whenTrue: Set
  readonly whenFalse: Set
}

/** Looks at an expression through a question. */
export function possibleOf<Set>(expression: BoundExpression, domain: Domain<Set>): Possible<Set> {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const parts = expression.children.map((child) => possibleOf(child, domain))
      const [narrow, wide] = expression.kind === 'and' ? (['whenTrue', 'whenFalse'] as const) : (['whenFalse', 'whenTrue'] as const)
      const narrowed = parts.map((part) => part[narrow]).reduce((a, b) => domain.meet(a, b), domain.all)
      const widened = parts.map((part) => part[wide]).reduce((a, b) => domain.join(a, b), domain.none)
      return expression.kind === 'and' ? { whenTrue: narrowed, whenFalse: widened } : { whenTrue: widened, whenFalse: narrowed }
    }
    case 'not': {
      const { whenTrue, whenFalse } = possibleOf(expression.child, domain)
      return { whenTrue: whenFalse, whenFalse: whenTrue }
    }
    default:
      return domain.ofCheck(expression) ?? { whenTrue: domain.all, whenFalse: domain.all }
  }
}

// Sets of names that may be all but some: what a condition says of the type of an event, or of the name of its process.

/** A set of names, or all but a set of names. */
export interface NameSet {
  readonly isExcept: boolean
  readonly names: ReadonlySet<string>
}

/** Any name. */
export const ALL_NAMES: NameSet = { isExcept: true, names: new Set() }
/** None. */
export const NO_NAME: NameSet = { isExcept: false, names: new Set() }

/** Whether it is one of them. */
export function hasName(set: NameSet, name: string): boolean {
  return set.names.has(name) !== set.isExcept
}

/** Names that are in both. */
export function intersection(a: NameSet, b: NameSet): NameSet {
  if (a.isExcept && b.isExcept) return { isExcept: true, names: new Set([...a.names, ...b.names]) }
  if (a.isExcept) return { isExcept: false, names: new Set([...b.names].filter((name) => !a.names.has(name))) }
  return { isExcept: false, names: new Set([...a.names].filter((name) => hasName(b, name))) }
}

/** Names that are in either. */
export function union(a: NameSet, b: NameSet): NameSet {
  return complement(intersection(complement(a), complement(b)))
}

/** Names that are not in the set. */
export function complement(set: NameSet): NameSet {
  return { isExcept: !set.isExcept, names: set.names }
}
