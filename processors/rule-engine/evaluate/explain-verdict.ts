// Why a condition holds or does not: its tree with the verdict of each node and the values that each check read. For people who write rules.
// Same logic as the plain evaluator, one node at a time. Knows no terminal.
import type { BoundCheck, BoundComparison, BoundExpression, BoundInput, BoundOperand } from '../compile/bound-tree.js'
import type { ResolvedField } from '../fields/catalogue.js'
import { familyOf } from '../fields/field-type.js'
import { UNKNOWN, type FieldValue, type ScalarValue } from '../fields/field-value.js'
import type { ComparisonCheck, ExistsCheck, Expression } from '../language/tree.js'
import { addressText } from '../text/addresses.js'
import { fromByteText } from '../text/byte-text.js'
import type { FieldSource } from '../fields/field-source.js'
import { not, type Kleene } from './kleene.js'
import { prepareExpression } from './prepare.js'

/** A value as it is displayed: whole numbers above 2^53 and addresses as text. */
export type ShownValue = string | number | boolean

/** What a check read from the event. `values` is empty unless the state is present; a list field may have several. */
export interface ReadValue {
  readonly field: string
  readonly state: 'present' | 'absent' | 'unknown'
  readonly values: readonly ShownValue[]
}

interface Explained {
  /** null: unknown until facts arrive. */
  readonly verdict: Kleene
  /** False if the verdict of the group was settled before this node. Its verdict is computed all the same. */
  readonly isAsked: boolean
}

/** A node of the tree. */
export type VerdictNode = VerdictGroup | VerdictCheck
export interface VerdictGroup extends Explained {
  readonly kind: 'and' | 'or' | 'not'
  readonly children: readonly VerdictNode[]
  /** The tree is too large: everything below this node is left out. */
  readonly isCut: boolean
}
export interface VerdictCheck extends Explained {
  readonly kind: 'check'
  readonly check: ComparisonCheck | ExistsCheck
  readonly read: readonly ReadValue[]
  /** The constants that matched, if there are several; byte text. */
  readonly matching: readonly string[]
}

/** Maximum nodes of a tree: macros can expand to half a million. */
export const MAX_EXPLAINED_NODES = 5000
/** Maximum constants of a list that are evaluated one by one. */
const MAX_MATCHING = 5000

/** @param tree and condition the same expression, node for node */
export function explainVerdict(tree: Expression, condition: BoundExpression, source: FieldSource): VerdictNode {
  return new Explainer(source).explain(tree, condition, true)
}

class Explainer {
  readonly #source: FieldSource
  #room = MAX_EXPLAINED_NODES

  constructor(source: FieldSource) {
    this.#source = source
  }

  explain(tree: Expression, bound: BoundExpression, isAsked: boolean): VerdictNode {
    this.#room--
    if ((tree.kind === 'and' && bound.kind === 'and') || (tree.kind === 'or' && bound.kind === 'or')) {
      if (this.#room < tree.children.length) return this.#cut(tree.kind, bound, isAsked)
      return this.#group(tree.kind, tree.children, bound.children, isAsked)
    }
    if (tree.kind === 'not' && bound.kind === 'not') {
      if (this.#room < 1) return this.#cut('not', bound, isAsked)
      const child = this.explain(tree.child, bound.child, isAsked)
      return { kind: 'not', verdict: not(child.verdict), isAsked, children: [child], isCut: false }
    }
    if ((tree.kind === 'comparison' && bound.kind === 'comparison') || (tree.kind === 'exists' && bound.kind === 'exists')) {
      return this.#check(tree, bound, isAsked)
    }
    throw new TypeError(`a ${tree.kind} of the tree does not match a ${bound.kind} of the condition`)
  }

  #group(kind: 'and' | 'or', trees: readonly Expression[], bounds: readonly BoundExpression[], isAsked: boolean): VerdictGroup {
    const settling = kind === 'or'
    const children: VerdictNode[] = []
    let verdict: Kleene = !settling
    for (const [index, tree] of trees.entries()) {
      const bound = bounds[index]
      if (bound === undefined) throw new TypeError('the tree has more nodes than the condition')
      const child = this.explain(tree, bound, isAsked && verdict !== settling)
      children.push(child)
      if (child.verdict === settling) verdict = settling
      else if (child.verdict === null && verdict !== settling) verdict = null
    }
    return { kind, verdict, isAsked, children, isCut: false }
  }

  #cut(kind: VerdictGroup['kind'], bound: BoundExpression, isAsked: boolean): VerdictGroup {
    return { kind, verdict: prepareExpression(bound)(this.#source), isAsked, children: [], isCut: true }
  }

  #check(check: ComparisonCheck | ExistsCheck, bound: BoundCheck, isAsked: boolean): VerdictCheck {
    const verdict = prepareExpression(bound)(this.#source)
    const fields = new Map(fieldsOfCheck(bound).map((field) => [field.key, field]))
    const read = [...fields.values()].map((field) => readValue(field, this.#source))
    return { kind: 'check', check, verdict, isAsked, read, matching: verdict === true ? this.#matching(check, bound) : [] }
  }

  #matching(check: ComparisonCheck | ExistsCheck, bound: BoundCheck): string[] {
    if (check.kind !== 'comparison' || bound.kind !== 'comparison' || bound.right.kind !== 'constants') return []
    const { right } = check
    const { constants } = bound.right
    if (right.kind !== 'values' || right.texts.length < 2 || right.texts.length !== constants.length || constants.length > MAX_MATCHING)
      return []
    return right.texts.filter((_text, index) => {
      const constant = constants[index]
      if (constant === undefined) return false
      const alone: BoundComparison = { ...bound, right: { kind: 'constants', constants: [constant] } }
      return prepareExpression(alone)(this.#source) === true
    })
  }
}

function fieldsOfCheck(check: BoundCheck): ResolvedField[] {
  const operands = check.kind === 'exists' || check.right.kind === 'constants' ? [check.left] : [check.left, check.right]
  return operands.flatMap(fieldsOfInput)
}

function fieldsOfInput(input: BoundInput | BoundOperand): ResolvedField[] {
  if (input.kind === 'field') return [input.field]
  if (input.kind === 'transformer') return input.inputs.flatMap(fieldsOfInput)
  return input.kind === 'inputs' ? input.items.flatMap(fieldsOfInput) : []
}

/** The value of a field as it is displayed. */
export function readValue(field: ResolvedField, source: FieldSource): ReadValue {
  const value: FieldValue = source.value(field)
  if (value === undefined) return { field: field.key, state: 'absent', values: [] }
  if (value === UNKNOWN) return { field: field.key, state: 'unknown', values: [] }
  const values = typeof value === 'object' ? value : [value]
  return { field: field.key, state: 'present', values: values.map((one) => shownValue(one, field)) }
}

function shownValue(value: ScalarValue, { type }: ResolvedField): ShownValue {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'string') return value
  const family = familyOf(type)
  return family === 'address' || family === 'network' ? addressText(value) : fromByteText(value)
}
