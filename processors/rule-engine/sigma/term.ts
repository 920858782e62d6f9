// Terms, the parts of a compiled Sigma rule. Each has a tree for people and a bound tree for evaluators, with the same nodes, and knows its size: a rule of
// a few lines can require millions of checks.
import type { BoundExpression, BoundField, BoundOperand, Constant } from '../compile/bound-tree.js'
import type { ResolvedField } from '../fields/catalogue.js'
import type { FieldType } from '../fields/field-type.js'
import type { Conversion, Expression, Modifier, Operand, Operator, Place } from '../language/tree.js'
import { fromByteText } from '../text/byte-text.js'
import type { Search } from '../text/regex-steps.js'

export interface Term {
  readonly tree: Expression
  readonly bound: BoundExpression
  /** Number of values in its checks. */
  readonly size: number
}

/** Place of every node: Sigma rules have no single condition text. Mistakes are reported with places in the file. */
const NOWHERE: Place = { index: 0, line: 1, column: 1 }

/** A term that holds for no event. */
export const NEVER: Term = { tree: { kind: 'or', children: [], place: NOWHERE }, bound: { kind: 'or', children: [] }, size: 1 }

export const allTerms = (terms: readonly Term[]): Term => group('and', terms)
export const anyTerm = (terms: readonly Term[]): Term => group('or', terms)

function group(kind: 'and' | 'or', terms: readonly Term[]): Term {
  const [only] = terms
  if (only !== undefined && terms.length === 1) return only
  return {
    tree: { kind, children: terms.map(({ tree }) => tree), place: NOWHERE },
    bound: { kind, children: terms.map(({ bound }) => bound) },
    size: terms.reduce((sum, { size }) => sum + size, 1),
  }
}

export function notTerm({ tree, bound, size }: Term): Term {
  return { tree: { kind: 'not', child: tree, place: NOWHERE }, bound: { kind: 'not', child: bound }, size: size + 1 }
}

/** A field, plain or converted. */
export interface TermOperand {
  readonly field: ResolvedField
  readonly conversion: Conversion | null
  readonly type: FieldType
}

export function existsTerm(field: ResolvedField): Term {
  const operand: TermOperand = { field, conversion: null, type: field.type }
  return {
    tree: { kind: 'exists', left: treeOf(operand), place: NOWHERE },
    bound: { kind: 'exists', left: boundOf(operand), place: NOWHERE },
    size: 1,
  }
}

/** @param texts the constants for people, byte text */
export function compareTerm(operand: TermOperand, operator: Operator, constants: readonly Constant[], texts: readonly string[]): Term {
  // `contains (a, b)` is no condition: with several values, any one is enough.
  const isList = operator === 'in'
  const modifier: Modifier | null = isList || texts.length === 1 ? null : 'anyof'
  const shown = operator === 'in' && texts.length === 1 && operand.type !== 'IPNET' ? '=' : operator
  const [only] = texts
  return {
    tree: {
      kind: 'comparison',
      left: treeOf(operand),
      operator: shown,
      modifier,
      right:
        texts.length === 1 && only !== undefined && shown !== 'in'
          ? { kind: 'value', text: only, place: NOWHERE }
          : { kind: 'values', texts, place: NOWHERE },
      place: NOWHERE,
    },
    bound: {
      kind: 'comparison',
      left: boundOf(operand),
      operator: shown,
      modifier,
      right: { kind: 'constants', constants },
      place: NOWHERE,
    },
    size: texts.length,
  }
}

/** A term that holds if any of the searches finds something. */
export function searchTerm(operand: TermOperand, searches: readonly Search[]): Term {
  const patterns = searches.map(({ pattern }) => pattern)
  const { tree, bound, size } = compareTerm(operand, 'regex', patterns, patterns)
  if (bound.kind !== 'comparison') throw new TypeError('a comparison of texts is bound to a comparison')
  const steps = searches.reduce((sum, search) => sum + search.steps, 0)
  return { tree, bound: { ...bound, right: { kind: 'constants', constants: patterns, steps } }, size }
}

/** A comparison of two fields. If a field has several values, one pair is enough. */
export function compareFields(left: TermOperand, operator: Operator, right: TermOperand): Term {
  return {
    tree: { kind: 'comparison', left: treeOf(left), operator, modifier: 'anyof', right: treeOf(right), place: NOWHERE },
    bound: { kind: 'comparison', left: boundOf(left), operator, modifier: 'anyof', right: boundOf(right), place: NOWHERE },
    size: 1,
  }
}

function treeOf({ field, conversion }: TermOperand): Operand {
  const name: Operand = { kind: 'field', name: field.key, argument: null, place: NOWHERE }
  return conversion === null ? name : { kind: 'transformer', name: conversion, inputs: [name], argument: null, place: NOWHERE }
}

function boundOf({ field, conversion, type }: TermOperand): BoundOperand {
  const bound: BoundField = { kind: 'field', field, type: field.type, plurality: field.plurality }
  if (conversion === null) return bound
  const text = `${conversion}(${field.key})`
  return { kind: 'transformer', name: conversion, inputs: [bound], selector: null, type, plurality: field.plurality, text }
}

/** The Unicode texts with which a condition compares a field, each once, in order. @param key of the field in the rule */
export function testedTexts(condition: BoundExpression, key: string): string[] {
  const texts = new Set<string>()
  const visit = (node: BoundExpression): void => {
    switch (node.kind) {
      case 'and':
      case 'or':
        return node.children.forEach(visit)
      case 'not':
        return visit(node.child)
      case 'exists':
        return
      case 'comparison': {
        const { left, right } = node
        const operand = left.kind === 'transformer' ? left.inputs[0] : left
        if (operand?.kind !== 'field' || operand.field.key !== key || right.kind !== 'constants') return
        for (const constant of right.constants) if (typeof constant === 'string') texts.add(fromByteText(constant))
      }
    }
  }
  visit(condition)
  return [...texts]
}
