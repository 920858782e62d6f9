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
