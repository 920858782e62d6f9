// A condition with resolved fields, types and constants: the input of both evaluators. Immutable data.
import type { Network } from '../text/addresses.js'
import type { ResolvedField } from '../fields/catalogue.js'
import type { FieldType } from '../fields/field-type.js'
import type { ScalarValue } from '../fields/field-value.js'
import type { Plurality } from '../fields/field.js'
import type { Modifier, Operator, Place, TransformerName } from '../language/tree.js'

/** A value of the right side, parsed for the type of the left side: a network for networks, otherwise a scalar. */
export type Constant = ScalarValue | Network

export interface BoundField {
  readonly kind: 'field'
  readonly field: ResolvedField
  readonly type: FieldType
  readonly plurality: Plurality
}
export interface BoundTransformer {
  readonly kind: 'transformer'
  readonly name: Exclude<TransformerName, 'val'>
  readonly inputs: readonly BoundInput[]
  /** The option that getopt returns; null for all other transformers. */
  readonly selector: string | null
  readonly type: FieldType
  readonly plurality: Plurality
  /** As a condition writes it, for output fields. */
  readonly text: string
}
export interface BoundLiteral {
  readonly kind: 'literal'
  readonly text: string
}
export interface BoundInputs {
  readonly kind: 'inputs'
  readonly items: readonly (BoundOperand | BoundLiteral)[]
}
export type BoundOperand = BoundField | BoundTransformer
export type BoundInput = BoundOperand | BoundLiteral | BoundInputs

export interface BoundExists {
  readonly kind: 'exists'
  readonly left: BoundOperand
  readonly place: Place
}
export interface BoundConstants {
  readonly kind: 'constants'
  readonly constants: readonly Constant[]
  /** Most steps for each byte of a text, if the compiler that made the patterns knows them; otherwise they are counted. */
  readonly steps?: number
}
export interface BoundComparison {
  readonly kind: 'comparison'
  readonly left: BoundOperand
  readonly operator: Operator
  readonly modifier: Modifier | null
  /** Constants, or the operand to compare with. */
  readonly right: BoundConstants | BoundOperand
  readonly place: Place
}
export type BoundCheck = BoundExists | BoundComparison
export interface BoundGroup {
  readonly kind: 'and' | 'or'
  readonly children: readonly BoundExpression[]
}
export interface BoundNot {
  readonly kind: 'not'
  readonly child: BoundExpression
}
export type BoundExpression = BoundGroup | BoundNot | BoundCheck

/** Every field of an expression, once per occurrence. */
export function fieldsOf(expression: BoundExpression): ResolvedField[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.children.flatMap(fieldsOf)
    case 'not':
      return fieldsOf(expression.child)
    case 'exists':
      return fieldsOfOperand(expression.left)
    case 'comparison': {
      const { left, right } = expression
      return right.kind === 'constants' ? fieldsOfOperand(left) : [...fieldsOfOperand(left), ...fieldsOfOperand(right)]
    }
  }
}

/** Every field that an operand reads. */
export function fieldsOfOperand(operand: BoundInput): ResolvedField[] {
  if (operand.kind === 'field') return [operand.field]
  if (operand.kind === 'transformer') return operand.inputs.flatMap(fieldsOfOperand)
  return operand.kind === 'inputs' ? operand.items.flatMap(fieldsOfOperand) : []
}
