// For which answers to one question about an event (its type, path or outcome) a condition can hold. An over-approximation, never too few: it
// serves as an index of rules and for the watch plan.
import type { BoundCheck, BoundExpression } from '../compile/bound-tree.js'

/** Sets of answers to one question. `meet` can be too wide, but never too narrow. */
export interface Domain<Set> {
  /** Any answer. */
  readonly all: Set
  /** No answer. */
  readonly none: Set
  meet(a: Set, b: Set): Set
  join(a: Set, b: Set): Set
  /** The answers that a single check allows; null if it does not restrict them. */
  ofCheck(check: BoundCheck): Possible<Set> | null
}

/** The answers for which an expression can be true, and those for which it can be false. Unknown facts only widen both. */
export interface Possible<Set> {
  readonly whenTrue: Set
  readonly whenFalse: Set
}

/** The possible answers for an expression. */
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

/** A set of names, or all names except a set: the possible event types or process names of a condition. */
export interface NameSet {
  readonly isExcept: boolean
  readonly names: ReadonlySet<string>
}

/** Any name. */
export const ALL_NAMES: NameSet = { isExcept: true, names: new Set() }
/** No name. */
export const NO_NAME: NameSet = { isExcept: false, names: new Set() }

/** Whether the set has the name. */
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
