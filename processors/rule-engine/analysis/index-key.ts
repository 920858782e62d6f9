// The process names for which a rule can hold, for people: the rule is evaluated only for events whose process has one of these names. An over-approximation, never too few: with any other name the condition is certainly false, whatever facts are still unknown.
import type { BoundCheck, BoundComparison, BoundExpression, BoundField, BoundOperand } from '../compile/bound-tree.js'
import { ALL_NAMES, complement, intersection, NO_NAME, union, possibleOf, type NameSet, type Domain, type Possible } from './possible.js'
/** Names of which a rule requires one. */
export interface IndexKey {
  /** The field: `proc.name`, `proc.names`, or for Sigma rules `Image` and its equivalents in audit records. */
  readonly field: string
  /** value: the whole value; basename: the part after its last slash; each: every one of several values. */
  readonly view: 'value' | 'basename' | 'each'
  /** Byte text, in byte order. */
  readonly names: readonly string[]
  /** The operand that holds the name. */
  readonly operand: BoundOperand
}

/** With more names than this there is no key. It bounds the work for an untrusted condition. */
const MAX_NAMES = 500

/** Fields that can be a key. Each holds one text of the event itself, which no container fact changes. */
const KEY_FIELDS: Readonly<Record<string, IndexKey['view']>> = {
  'proc.name': 'value',
  'proc.names': 'each',
  Image: 'basename',
  'EXECVE.a0': 'value',
  'SYSCALL.comm': 'value',
  'SYSCALL.exe': 'basename',
}

/** The key of a rule; null if the rule can hold for any process. */
export function indexKeyOf({ condition }: { readonly condition: BoundExpression }): IndexKey | null {
  for (const operand of keyOperands(condition)) {
    const view = KEY_FIELDS[fieldOf(operand)?.field.key ?? ''] ?? 'value'
    const { whenTrue } = possibleOf(condition, namesOf(operand, view))
    if (whenTrue.isExcept) continue
    return { field: fieldOf(operand)?.field.key ?? '', view, names: [...whenTrue.names].sort(), operand }
  }
  return null
}

/** Whether two operands read the same value: same definition, same conversion. */
function isSameOperand(a: BoundOperand, b: BoundOperand): boolean {
  return fieldOf(a)?.field.definition === fieldOf(b)?.field.definition && a.kind === b.kind
}

/** A field that can be a key, also in a comparison without case; null for all others. */
function fieldOf(operand: BoundOperand): BoundField | null {
  const field = operand.kind === 'transformer' && operand.name === 'casefold' ? operand.inputs[0] : operand
  return field?.kind === 'field' && Object.hasOwn(KEY_FIELDS, field.field.key) && field.field.argument === null ? field : null
}

/** The operands of a condition that can be its key, each once. */
function keyOperands(expression: BoundExpression): BoundOperand[] {
  const found: BoundOperand[] = []
  const visit = (node: BoundExpression): void => {
    switch (node.kind) {
      case 'and':
      case 'or':
        return node.children.forEach(visit)
      case 'not':
        return visit(node.child)
      default:
        if (fieldOf(node.left) !== null && !found.some((one) => isSameOperand(one, node.left))) found.push(node.left)
    }
  }
  visit(expression)
  return found
}

function namesOf(operand: BoundOperand, view: IndexKey['view']): Domain<NameSet> {
  const ofComparison = { value: valueNames, basename: basenames, each: namesOfEach }[view]
  return {
    all: ALL_NAMES,
    none: NO_NAME,
    // Two checks of several values may hold for different ones: then only one of both sets is sure to have a value.
    meet: (a, b) => (view === 'each' ? narrower(a, b) : bounded(intersection(a, b))),
    join: (a, b) => bounded(union(a, b)),
    ofCheck(check: BoundCheck) {
      if (check.kind === 'exists' || !isSameOperand(check.left, operand)) return null
      const possible = ofComparison(check)
      return possible === null ? null : { whenTrue: bounded(possible.whenTrue), whenFalse: bounded(possible.whenFalse) }
    },
  }
}

/** A set that is too wide is never wrong. */
const bounded = (set: NameSet): NameSet => (set.names.size > MAX_NAMES ? ALL_NAMES : set)

const EQUAL: readonly string[] = ['=', '==', 'in', 'intersects']

function valueNames(check: BoundComparison): Possible<NameSet> | null {
  const names = textsOf(check)
  if (names === null) return null
  if (EQUAL.includes(check.operator) && check.modifier !== 'allof') {
    const named: NameSet = { isExcept: false, names }
    // `= oneof (a, a)` is false for a.
    return { whenTrue: named, whenFalse: check.modifier === 'oneof' ? ALL_NAMES : complement(named) }
  }
  if (check.operator === '!=' && check.modifier === null) {
    const named: NameSet = { isExcept: false, names }
    return { whenTrue: complement(named), whenFalse: named }
  }
  return null
}

/** One of several values is among the names. Nothing follows from a false check that the next one of both sets would need. */
function namesOfEach(check: BoundComparison): Possible<NameSet> | null {
  const names = textsOf(check)
  const isAnyOf = check.modifier !== 'allof' && check.modifier !== 'oneof' && EQUAL.includes(check.operator)
  return names === null || !isAnyOf ? null : { whenTrue: { isExcept: false, names }, whenFalse: ALL_NAMES }
}

function narrower(a: NameSet, b: NameSet): NameSet {
  if (a.isExcept || b.isExcept) return a.isExcept ? b : a
  return a.names.size <= b.names.size ? a : b
}

/** A path that ends with `/usr/bin/nc` has the name nc. A path with that name can end otherwise, so a false check says nothing. */
function basenames(check: BoundComparison): Possible<NameSet> | null {
  const { operator } = check
  const texts = textsOf(check)
  const isEnd = operator === 'endswith'
  if (texts === null || check.modifier === 'allof' || !(isEnd || EQUAL.includes(operator))) return null
  if (isEnd && ![...texts].every((text) => text.includes('/'))) return null
  const names = new Set([...texts].map((text) => text.slice(text.lastIndexOf('/') + 1)))
  return { whenTrue: { isExcept: false, names }, whenFalse: ALL_NAMES }
}

/** The texts of the right side; null if not all constants are texts. */
function textsOf({ right }: BoundComparison): Set<string> | null {
  if (right.kind !== 'constants') return null
  const texts = new Set<string>()
  for (const constant of right.constants) {
    if (typeof constant !== 'string') return null
    texts.add(constant)
  }
  return texts
}
