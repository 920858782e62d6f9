// Operators that exceptions may name: any for tuples of fields, those that take a list for a single field.
import { LIST_OPERATORS, MODIFIERS, NUMBER_OPERATORS, TEXT_OPERATORS } from '../../language/tree.js'
import type { Entry } from '../definitions.js'

const PLAIN: readonly string[] = ['exists', ...NUMBER_OPERATORS, ...TEXT_OPERATORS, ...LIST_OPERATORS]
const MODIFIED = new Set(TEXT_OPERATORS.flatMap((operator) => MODIFIERS.map((modifier) => `${operator} ${modifier}`)))

const words = (text: string): string => text.trim().replace(/\s+/g, ' ')

/** True for operators whose right side is a list in parentheses. */
export function takesList(operator: string): boolean {
  return (LIST_OPERATORS as readonly string[]).includes(words(operator)) || MODIFIED.has(words(operator))
}

/** Why fields and operators do not fit together; null when they do. */
export function comparisonProblem(fields: Entry, comps: Entry): string | null {
  if (fields.kind === 'item') {
    if (comps.kind !== 'item') return 'Fields and comps must both be strings'
    return takesList(comps.text) ? null : 'When fields is a single value, comps must be one of (in, pmatch, intersects)'
  }
  if (comps.kind !== 'list' || comps.items.length !== fields.items.length) return 'Fields and comps lists must have equal length'
  for (const comp of comps.items) {
    const text = comp.kind === 'item' ? words(comp.text) : '[...]'
    if (!PLAIN.includes(text) && !MODIFIED.has(text)) return `'${text}' is not a supported comparison operator`
  }
  return null
}
