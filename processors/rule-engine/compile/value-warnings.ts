// Doubts about the values of a legal condition: a text that is the name of a field, a regex that a simpler operator would do.
import { resolveField } from '../fields/catalogue.js'
import { fromByteText } from '../text/byte-text.js'
import { TRANSFORMERS } from '../language/tree.js'
import type { Operator } from '../language/tree.js'

const FIELD_FORM = /^([a-zA-Z][a-zA-Z0-9_]*(?:\.[a-zA-Z][a-zA-Z0-9_]*)+)(?:\[([^\]]*)\])?$/

/** What may be meant differently than it is written. */
export function valueWarnings(operator: Operator, text: string): string[] {
  const warnings: string[] = []
  const shown = fromByteText(text)
  if (operator === 'regex' && isPlainRegex(text)) {
    warnings.push(`regex check with '${shown}' may be optimized with simpler operators such as '=', 'contains', 'startswith', 'endswith'`)
  }
  const compact = text.replace(/[ \t\n\v\f\r]/g, '')
  const form = FIELD_FORM.exec(compact)
  if (form?.[1] !== undefined && !('problem' in resolveField(form[1], form[2] ?? null))) {
    warnings.push(`'${shown}' may be a valid field misused as a const string value`)
  }
  if (['val', ...TRANSFORMERS].some((name) => compact.startsWith(`${name}(`) && compact.endsWith(')'))) {
    warnings.push(`'${shown}' may be a valid field transformer misused as a const string value`)
  }
  return warnings
}

const SPECIAL = '.+*?^$()[]{}|\\'
const REPEATS = '+*?'

/** No special character but anchors, and a repeated dot at the beginning or end. */
function isPlainRegex(pattern: string): boolean {
  const last = pattern.length - 1
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i)
    if ((i === 0 && char === '^') || (i === last && char === '$')) continue
    const isAtEdge = (i === 0 && pattern.length > 1) || i === last - 1
    if (isAtEdge && char === '.' && REPEATS.includes(pattern.charAt(i + 1)) && pattern.charAt(i + 1) !== '') {
      i++
      continue
    }
    if (SPECIAL.includes(char)) return false
  }
  return true
}
