// Text values of one field to terms: plain operators where a value has wildcards only at its ends, a regular expression where they stand
// inside. Values of one operator are asked in one go.
import type { ResolvedField } from '../../fields/catalogue.js'
import { casefold } from '../../text/casefold.js'
import { fromByteText, toByteText } from '../../text/byte-text.js'
import type { Position } from '../values/modifiers.js'
import type { ValuePart, ValueText } from '../values/value-text.js'
import { DASHES } from '../values/windash.js'
import { anyTerm, compareTerm, existsTerm } from './term.js'
import type { Term, TermOperand } from './term.js'

const MANY: ValuePart = { kind: 'many' }

/** How the texts of a field are compared. */
export interface TextMatch {
  readonly field: ResolvedField
  readonly position: Position
  readonly isCased: boolean
}

/** A term that holds when any of the values does. */
export function matchTexts(values: readonly ValueText[], { field, position, isCased }: TextMatch): Term {
  const shapes = values.map((value) => shapeOf(withPosition(value, position)))
  const plain: TermOperand = isCased ? { field, conversion: null, type: field.type } : { field, conversion: 'casefold', type: field.type }
  const terms: Term[] = []
  for (const operator of ['in', 'contains', 'startswith', 'endswith'] as const) {
    const texts = shapes.flatMap((shape) => (shape.operator === operator ? [isCased ? shape.text : casefold(shape.text)] : []))
    if (texts.length > 0) terms.push(compareTerm(plain, operator, texts, texts))
  }
  const patterns = shapes.flatMap((shape) => (shape.operator === 'regex' ? [wildcardPattern(shape.value, isCased)] : []))
  if (patterns.length > 0) terms.push(compareTerm({ field, conversion: null, type: field.type }, 'regex', patterns, patterns))
  if (shapes.some((shape) => shape.operator === 'exists')) terms.push(existsTerm(field))
  return anyTerm(terms)
}

function withPosition(value: ValueText, position: Position): ValueText {
  const before = position === 'contains' || position === 'endswith' ? [MANY] : []
  const behind = position === 'contains' || position === 'startswith' ? [MANY] : []
  return [...before, ...value, ...behind]
}

type Shape =
  | { readonly operator: 'in' | 'contains' | 'startswith' | 'endswith'; readonly text: string }
  | { readonly operator: 'regex'; readonly value: ValueText }
  | { readonly operator: 'exists' }

function shapeOf(value: ValueText): Shape {
  const start = value.findIndex((part) => part.kind !== 'many')
  if (start < 0) return value.length === 0 ? { operator: 'in', text: '' } : { operator: 'exists' }
  const end = value.findLastIndex((part) => part.kind !== 'many') + 1
  const middle = value.slice(start, end)
  if (middle.some((part) => part.kind !== 'text')) return { operator: 'regex', value }
  const text = middle.map((part) => (part.kind === 'text' ? part.text : '')).join('')
  const isOpenBehind = end < value.length
  if (start > 0) return { operator: isOpenBehind ? 'contains' : 'endswith', text }
  return { operator: isOpenBehind ? 'startswith' : 'in', text }
}

/** The pattern of a value, byte text; `.` takes line ends too. */
function wildcardPattern(value: ValueText, isCased: boolean): string {
  const body = value.map(partPattern).join('')
  return toByteText(`(?${isCased ? 's' : 'is'}:${body})`)
}

function partPattern(part: ValuePart): string {
  switch (part.kind) {
    case 'many':
      return '.*'
    case 'any':
      return '.'
    case 'dash':
      return `[${escapePattern(DASHES)}]`
    case 'text':
      return escapePattern(fromByteText(part.text))
  }
}

const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
