// Which processes a rule can be about: the key of the index in front of the evaluator, beside the type of the event. A rule is asked only about
// events whose process has one of these names. An over-approximation, never too few: a name outside of it makes the condition false for certain,
// whatever facts are still unknown.
import type { BoundCheck, BoundComparison, BoundExpression, BoundField, BoundOperand } from '../compile/bound-tree.js'
import { ALL_NAMES, complement, intersection, NO_NAME, union, possibleOf } from './possible.js'
import type { NameSet, Domain, Possible } from './possible.js'
/** Names of which a rule asks for one. */
export interface IndexKey {
  /** Field that is looked at: `proc.name`, or `Image` and what audit records have like it of a Sigma rule. */
  readonly field: string
  /** value: the whole of it; basename: what stands behind its last slash. */
  readonly view: 'value' | 'basename'
  /** In the order of their bytes, byte text. */
  readonly names: readonly string[]
  /** Where an event has the name. */
  readonly operand: BoundOperand
}

/** More names than this are as good as all: it bounds the work for a condition of a stranger. */
const MAX_NAMES = 500

/** Fields that may be a key, and how. Each holds one text of the event itself, which no fact of a container changes. */
const KEY_FIELDS: Readonly<Record<string, IndexKey['view']>> = {
  'proc.name': 'value',
  Image: 'basename',
  'EXECVE.a0': 'value',
  'SYSCALL.comm': 'value',
  'SYSCALL.exe': 'basename',
}

/** The key of a rule; null when it may be about any process. */
export function indexKeyOf({ condition }: { readonly condition: BoundExpression }): IndexKey | null {
  for (const operand of keyOperands(condition)) {
    const view = KEY_FIELDS[fieldOf(operand)?.field.key ?? ''] ?? 'value'
    const { whenTrue } = possibleOf(condition, namesOf(operand, view))
    if (whenTrue.isExcept) continue
    return { field: fieldOf(operand)?.field.key ?? '', view, names: [...whenTrue.names].sort(), operand }
  }
  return null
}

/** The event's own name for a key; null when there is none, or several: then every rule is asked. */
export function indexNameOf(view: IndexKey['view'], value: unknown): string | null {
  const [text] = Array.isArray(value) ? (value.length === 1 ? (value as unknown[]) : []) : [value]
  if (typeof text !== 'string') return null
  return view === 'value' ? text : text.slice(text.lastIndexOf('/') + 1)
}

/** The same place of every event: same definition, same conversion. */
export function isSameOperand(a: BoundOperand, b: BoundOperand): boolean {
  return fieldOf(a)?.field.definition === fieldOf(b)?.field.definition && a.kind === b.kind
}

/** A field that may be a key, also without its case; null for all others. */
function fieldOf(operand: BoundOperand): BoundField | null {
  const field = operand.kind === 'transformer' && operand.name === 'casefold' ? operand.inputs[0] : operand
  return field?.kind === 'field' && Object.hasOwn(KEY_FIELDS, field.field.key) && field.field.argument === null ? field : null
}

/** The operands of a condition that may be its key, each once. */
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
  const ofComparison = view === 'value' ? valueNames : basenames
  return {
    all: ALL_NAMES,
    none: NO_NAME,
    meet: (a, b) => bounded(intersection(a, b)),
    join: (a, b) => bounded(union(a, b)),
    ofCheck(check: BoundCheck) {
      if (check.kind === 'exists' || !isSameOperand(check.left, operand)) return null
      const possible = ofComparison(check)
      return possible === null ? null : { whenTrue: bounded(possible.whenTrue), whenFalse: bounded(possible.whenFalse) }
    },
  }
}

/** Too wide is never wrong. */
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

/** A path that ends with `/usr/bin/nc` has the name nc; one that has it may end otherwise, so nothing is said of when it is false. */
function basenames(check: BoundComparison): Possible<NameSet> | null {
  const { operator } = check
  const texts = textsOf(check)
  const isEnd = operator === 'endswith'
  if (texts === null || check.modifier === 'allof' || !(isEnd || EQUAL.includes(operator))) return null
  if (isEnd && ![...texts].every((text) => text.includes('/'))) return null
  const names = new Set([...texts].map((text) => text.slice(text.lastIndexOf('/') + 1)))
  return { whenTrue: { isExcept: false, names }, whenFalse: ALL_NAMES }
}

/** The texts that are compared with; null when not all of it are texts. */
function textsOf({ right }: BoundComparison): Set<string> | null {
  if (right.kind !== 'constants') return null
  const texts = new Set<string>()
  for (const constant of right.constants) {
    if (typeof constant !== 'string') return null
    texts.add(constant)
  }
  return texts
}
