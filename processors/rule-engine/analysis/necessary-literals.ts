// Texts of which an event must contain one for a condition to be true or unknown. Most rules search for rare words, so that they are evaluated for almost
// no event. An over-approximation, never too few: without any of the texts the condition is certainly false.
import { familyOf } from '../fields/field-type.js'
import { requirementOf } from '../text/required-texts.js'
import type { BoundCheck, BoundComparison, BoundExpression, BoundInput, BoundOperand, Constant } from '../compile/bound-tree.js'

/** A text in an operand's value. */
export interface NecessaryLiteral {
  readonly operand: BoundOperand
  /** Byte text, not empty. */
  readonly text: string
}

/** Shorter texts occur in too many events to exclude much. */
const MIN_LENGTH = 4
/** With more texts, it is cheaper to evaluate the rule. */
const MAX_LITERALS = 500

/** The literals of which one is required; null if none is. */
export function necessaryLiterals(expression: BoundExpression): readonly NecessaryLiteral[] | null {
  switch (expression.kind) {
    case 'and':
      return best(expression.children.map(necessaryLiterals))
    case 'or':
      return together(expression.children)
    case 'not':
      return null
    default:
      return ofCheck(expression)
  }
}

/** Every term of an `and` must hold: the term with the fewest and longest literals excludes most. */
function best(choices: readonly (readonly NecessaryLiteral[] | null)[]): readonly NecessaryLiteral[] | null {
  let found: readonly NecessaryLiteral[] | null = null
  for (const choice of choices) {
    if (choice !== null && (found === null || commonness(choice) < commonness(found))) found = choice
  }
  return found
}

/** A rough estimate of how often one of them occurs. */
function commonness(literals: readonly NecessaryLiteral[]): number {
  return literals.reduce((sum, { text }) => sum + 1 / text.length ** 2, 0)
}

/** Some term of an `or` must hold: the literals of all terms are needed. */
function together(terms: readonly BoundExpression[]): readonly NecessaryLiteral[] | null {
  const all: NecessaryLiteral[] = []
  for (const term of terms) {
    const literals = necessaryLiterals(term)
    if (literals === null || all.length + literals.length > MAX_LITERALS) return null
    all.push(...literals)
  }
  return all.length === 0 ? null : all
}

function ofCheck(check: BoundCheck): readonly NecessaryLiteral[] | null {
  if (check.kind === 'exists' || check.right.kind !== 'constants' || !isCertain(check)) return null
  const choices = check.right.constants.map((constant) => textsOf(constant, check))
  const known = choices.filter((texts) => texts.length > 0 && texts.every((text) => text.length >= MIN_LENGTH))
  // `allof` requires every value, so any one of them is enough.
  const isEnough = check.modifier === 'allof' ? known.length > 0 : known.length === choices.length && known.length > 0
  const texts = check.modifier === 'allof' ? (known[0] ?? []) : known.flat()
  return isEnough && texts.length <= MAX_LITERALS ? texts.map((text) => ({ operand: check.left, text })) : null
}

const HOLD_THEIR_TEXT: readonly string[] = ['=', '==', 'in', 'contains', 'startswith', 'endswith']

/** The texts of which the value must contain one for this constant to match; empty if none is required. */
function textsOf(constant: Constant, { operator }: BoundComparison): readonly string[] {
  if (typeof constant !== 'string') return []
  if (operator === 'regex') {
    const { anyOf, ignoresCase } = requirementOf(constant)
    return anyOf === null || ignoresCase ? [] : anyOf
  }
  return HOLD_THEIR_TEXT.includes(operator) ? [constant] : []
}

/** A text of the event itself, which is never unknown: no part of it waits for facts. */
function isCertain({ left }: BoundComparison): boolean {
  return familyOf(left.type) === 'text' && (left.plurality === 'one' || left.plurality === 'any') && !needsFacts(left)
}

function needsFacts(input: BoundInput): boolean {
  switch (input.kind) {
    case 'field':
      return input.field.definition.needsFacts
    case 'literal':
      return false
    case 'transformer':
      return input.inputs.some(needsFacts)
    case 'inputs':
      return input.items.some(needsFacts)
  }
}
