// The highest cost of a condition: steps per byte of the event that it reads, for any rule and event. A rule above the bound is refused at load, so that
// no rule can block a partition. A step is one byte compared, or one state of an expression advanced.
import { familyOf } from '../fields/field-type.js'
import { affixSteps, containsBytes, containsSteps } from '../text/match-any.js'
import { regexSteps } from '../text/regex-steps.js'
import type { BoundComparison, BoundExpression, BoundInput } from './bound-tree.js'

/** Most steps per byte: three times the cost of the costliest public rule. */
export const MAX_STEPS_PER_BYTE = 10_000
/** Most values that a transformer can combine, each of any length. */
export const MAX_TRANSFORMED_VALUES = 64

/** Why the cost of a condition is above the bound; null if it is not. */
export function costProblem(expression: BoundExpression): string | null {
  const steps = stepsPerByte(expression)
  if (steps <= MAX_STEPS_PER_BYTE) return null
  const shown = Number.isFinite(steps) ? `${String(steps)} steps` : 'steps without bound'
  return `the condition may cost ${shown} for each byte of an event; at most ${String(MAX_STEPS_PER_BYTE)} are allowed: shorten its expressions, patterns or lists`
}

/** Steps per byte of all terms: none of them is evaluated twice for an event. */
export function stepsPerByte(expression: BoundExpression): number {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.children.reduce((sum, child) => sum + stepsPerByte(child), 1)
    case 'not':
      return stepsPerByte(expression.child) + 1
    case 'exists':
      return valuesOf(expression.left)
    case 'comparison':
      return valuesOf(expression.left) * (1 + operatorSteps(expression))
  }
}

/** How many values of the event an operand combines. */
export function valuesOf(input: BoundInput): number {
  switch (input.kind) {
    case 'field':
      return 1
    case 'literal':
      return 0
    case 'transformer':
      return Math.max(
        1,
        input.inputs.reduce((sum, inner) => sum + valuesOf(inner), 0),
      )
    case 'inputs':
      return input.items.reduce((sum, item) => sum + valuesOf(item), 0)
  }
}

/** Most memory of the searches for literals of all rules, bytes: far more than all public rules need together. */
export const MAX_SEARCH_BYTES = 128 * 1024 * 1024

/** Bounds the memory of the searches for literals of a rule set, in load order. A rule that does not fit takes nothing. */
export class SearchMemory {
  #bytes = 0

  /** Why the searches of a condition do not fit next to those before; null if they do. */
  problemWith(expression: BoundExpression): string | null {
    const bytes = searchBytes(expression)
    if (this.#bytes + bytes > MAX_SEARCH_BYTES) {
      return `the literals that the rules search for need more than ${String(MAX_SEARCH_BYTES / 1024 / 1024)} MiB with this rule: shorten its lists`
    }
    this.#bytes += bytes
    return null
  }
}

function searchBytes(expression: BoundExpression): number {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.children.reduce((sum, child) => sum + searchBytes(child), 0)
    case 'not':
      return searchBytes(expression.child)
    case 'exists':
      return 0
    case 'comparison': {
      const { left, operator, modifier, right } = expression
      if (right.kind !== 'constants' || !SEARCHES.has(operator)) return 0
      const texts = right.constants.map(String)
      const isOneSearch = operator === 'contains' && modifier === 'anyof' && familyOf(left.type) === 'text'
      return isOneSearch ? containsBytes(texts) : texts.reduce((sum, text) => sum + containsBytes([text]), 0)
    }
  }
}

const SEARCHES: ReadonlySet<string> = new Set(['contains', 'icontains', 'bcontains'])

function operatorSteps({ left, operator, modifier, right }: BoundComparison): number {
  // In the worst case the value of another field is searched for byte by byte; only the event limits its length.
  if (right.kind !== 'constants') return valuesOf(right) * 2
  const sum = (of: (text: string) => number): number =>
    right.constants.reduce<number>((total, constant) => total + (typeof constant === 'string' ? of(constant) : 1), 0)
  const isOneSearch = modifier === 'anyof' && familyOf(left.type) === 'text'
  switch (operator) {
    case 'contains':
      return isOneSearch ? containsSteps(right.constants.map(String)) : sum((text) => containsSteps([text]))
    case 'icontains':
    case 'bcontains':
      return sum((text) => containsSteps([text]))
    case 'startswith':
    case 'endswith':
      return isOneSearch ? affixSteps(right.constants.map(String)) : right.constants.length
    case 'glob':
    case 'iglob':
      return sum((text) => text.length)
    case 'pmatch':
      return sum((path) => (/[*?[\\]/.test(path) ? path.length : 1))
    case 'regex':
      return right.steps ?? sum(regexSteps)
    default:
      return modifier === null ? 1 : right.constants.length
  }
}
