// A regular expression of a rule (`|re`) to the pattern of the operator `regex`, which is anchored: Sigma looks anywhere in the field.
import type { FilePlace } from '../../compiled-rule.js'
import { toByteText } from '../../text/byte-text.js'
import { compileRegularExpression } from '../../text/regular-expression.js'
import type { Modifiers } from '../values/modifiers.js'
import { detectionProblem } from './sigma-problem.js'

/** Longest pattern, characters. What it compiles to is bounded by RE2 itself. */
const MAX_PATTERN = 16 * 1024

/** @throws ItemError for what RE2 does not take (look-around, back references) */
export function matchPattern(written: string, place: FilePlace, { flags, position }: Modifiers): string {
  if (written.length > MAX_PATTERN) throw detectionProblem(`the regular expression is longer than ${String(MAX_PATTERN)} characters`, place)
  const pattern = toByteText(written)
  const compiled = compileRegularExpression(pattern)
  if (typeof compiled !== 'function') throw detectionProblem(compiled.problem, place)
  const before = position === 'startswith' ? '' : '(?s:.*)'
  const behind = position === 'endswith' ? '' : '(?s:.*)'
  return `${before}(?${flags}:${pattern})${behind}`
}
