// Stage 1 of the candidate filter: a condition as alternatives ("rows"), each a list of tests of single operands that must all hold. An
// over-approximation: when no row holds, the condition is certainly false. What no single operand decides counts as true.
import type { BoundCheck, BoundExpression, BoundOperand } from '../compile/bound-tree.js'
import { familyOf } from '../fields/field-type.js'
import type { OperandNames } from './operand-names.js'

/** Checks of one operand, of which at least one must hold. */
export interface Requirement {
  readonly operand: BoundOperand
  /** Equal for equal operands. */
  readonly key: string
  readonly anyOf: readonly BoundCheck[]
}

/** A check that must not hold. */
export interface Exclusion {
  readonly key: string
  readonly check: BoundCheck
}

/** One way in which a condition may hold. A row without tests holds for every event. */
export interface Row {
  readonly required: readonly Requirement[]
  readonly excluded: readonly Exclusion[]
}

/** Most rows of a rule. A part that would need more counts as true. */
export const MAX_ROWS = 24

const ALWAYS: Row = { required: [], excluded: [] }
const isAlways = ({ required, excluded }: Row): boolean => required.length === 0 && excluded.length === 0

/** The rows of a conjunction of conditions; none if it never holds. */
export function rowsOf(conditions: readonly BoundExpression[], names: OperandNames): readonly Row[] {
  return new NormalForm(names).all(conditions, true)
}

class NormalForm {
  readonly #names: OperandNames

  constructor(names: OperandNames) {
    this.#names = names
  }

  /** The rows of an expression, or of its opposite. */
  rows(expression: BoundExpression, holds: boolean): readonly Row[] {
    switch (expression.kind) {
      case 'not':
        return this.rows(expression.child, !holds)
      case 'and':
        return holds ? this.all(expression.children, true) : this.#any(expression.children, false)
      case 'or':
        return holds ? this.#any(expression.children, true) : this.all(expression.children, false)
      default:
        return this.#check(expression, holds)
    }
  }

  /** Every child holds: rows are combined, those with fewest alternatives first. */
  all(children: readonly BoundExpression[], holds: boolean): readonly Row[] {
    let product: readonly Row[] = [ALWAYS]
    const parts = children.map((child) => this.rows(child, holds)).sort((a, b) => a.length - b.length)
    for (const part of parts) {
      if (part.length * product.length > MAX_ROWS || part.some(isAlways)) continue
      product = product.flatMap((row) => part.map((other) => bothOf(row, other)))
    }
    return product
  }

  #any(children: readonly BoundExpression[], holds: boolean): readonly Row[] {
    const rows: Row[] = []
    const single = new Map<string, { at: number; requirement: Requirement }>()
    for (const row of children.flatMap((child) => this.rows(child, holds))) {
      if (isAlways(row)) return [ALWAYS]
      const [only] = row.required
      if (only === undefined || row.required.length > 1 || row.excluded.length > 0) {
        rows.push(row)
        continue
      }
      const known = single.get(only.key)
      const requirement = known === undefined ? only : { ...only, anyOf: [...known.requirement.anyOf, ...only.anyOf] }
      const at = known?.at ?? rows.length
      rows[at] = { required: [requirement], excluded: [] }
      single.set(only.key, { at, requirement })
    }
    // Exceptions of a rule: almost every event passes one of them.
    const isWeak = rows.length > 1 && rows.every(({ required }) => required.length === 0)
    return isWeak || rows.length > MAX_ROWS ? [ALWAYS] : rows
  }

  #check(check: BoundCheck, holds: boolean): readonly Row[] {
    // A check of two fields is false for reasons that no single one of them decides.
    if (check.kind === 'comparison' && check.right.kind !== 'constants') return [ALWAYS]
    const { left } = check
    const key = this.#names.nameOf(left)
    const isOther = check.kind === 'comparison' && check.operator === '!=' && isText(left)
    if (!isOther) {
      return [holds ? { required: [{ operand: left, key, anyOf: [check] }], excluded: [] } : { required: [], excluded: [{ key, check }] }]
    }
    // An absent value fulfils neither `=` nor `!=`.
    if (!holds) return [ALWAYS]
    const present: BoundCheck = { kind: 'exists', left, place: check.place }
    const required = [{ operand: left, key, anyOf: [present] }]
    const isPlain = left.plurality === 'one' && check.modifier === null
    return [{ required, excluded: isPlain ? [{ key, check: { ...check, operator: '=' } }] : [] }]
  }
}

const isText = ({ type }: BoundOperand): boolean => !['number', 'bool'].includes(familyOf(type))

function bothOf(a: Row, b: Row): Row {
  return { required: [...a.required, ...b.required], excluded: [...a.excluded, ...b.excluded] }
}
