// A regular expression of a rule (`|re`) to the pattern of the operator `regex`, which is anchored: Sigma looks anywhere in the field.
import type { FilePlace } from '../../read/file-place.js'
import { toByteText } from '../../text/byte-text.js'
import { searchPattern } from '../../text/regex-steps.js'
import { compileRegularExpression } from '../../text/regular-expression.js'
import type { Modifiers } from '../values/modifiers.js'
import { detectionProblem } from './sigma-problem.js'

/** Longest pattern, characters. What it compiles to is bounded by RE2 itself. */
const MAX_PATTERN = 16 * 1024

/** What Perl's expressions have and RE2, which never takes long, has not. The specification of Sigma does not allow them either. */
const UNSUPPORTED: readonly (readonly [part: RegExp, name: string])[] = [
  [/\(\?<?[=!]/, 'look-around'],
  [/\\[1-9]|\\k[<{']|\(\?P=/, 'back references'],
  [/\(\?>|[*+?}]\+/, 'possessive quantifiers or atomic groups'],
  [/\(\?\(/, 'conditions in the pattern'],
]

/**
 * @returns the pattern, or what in it is not supported although it is right in other engines
 * @throws ItemError for what is no regular expression
 */
export function matchPattern(written: string, place: FilePlace, { flags, position }: Modifiers): string | { readonly unsupported: string } {
  if (written.length > MAX_PATTERN) throw detectionProblem(`the regular expression is longer than ${String(MAX_PATTERN)} characters`, place)
  const pattern = toByteText(written)
  const compiled = compileRegularExpression(pattern)
  if (typeof compiled !== 'function') {
    const unsupported = UNSUPPORTED.find(([part]) => part.test(written))
    if (unsupported !== undefined) return { unsupported: unsupported[1] }
    throw detectionProblem(compiled.problem, place)
  }
  const found = position === 'startswith' ? `(?${flags}:${pattern})` : searchPattern(pattern, flags)
  return position === 'endswith' ? found : `${found}(?s:.*)`
}
