// Compiles the text values of one field to terms: a plain operator if a value has wildcards only at its ends, otherwise a regular expression. Values of one
// operator share one check.
import type { ResolvedField } from '../../fields/catalogue.js'
import type { FilePlace } from '../../read/rule-file.js'
import type { CompileScope, WrittenText } from './compile-scope.js'
import { detectionProblem } from '../read/detection.js'
import { anyTerm, compareTerm, existsTerm, type Term, type TermOperand } from '../term.js'
import type { Modifiers, Position, TextChange } from '../values/modifiers.js'
import type { Placeholders } from '../values/placeholders.js'
import {
  DASHES,
  base64,
  base64Offsets,
  mapText,
  parseValueText,
  plainText,
  utf16,
  utf16be,
  utf16le,
  withDashes,
  writeOutDashes,
  type ValuePart,
  type ValueText,
} from '../values/value-text.js'
import { casefold, fromByteText, toByteText } from '../../text/byte-text.js'

const MANY: ValuePart = { kind: 'many' }

/** How the texts of a field are compared. */
export interface TextMatch {
  readonly field: ResolvedField
  readonly position: Position
  readonly isCased: boolean
}

/** A term that holds if any of the values matches. */
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

/** The pattern of a value, byte text; `.` also matches line ends. */
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

// Text values after the modifiers of their field: placeholders are expanded and wildcards read, then dashes and encodings applied in the order of the rule.

const UTF16: Readonly<Partial<Record<TextChange, (text: string) => string>>> = { utf16, utf16le, utf16be, wide: utf16le }

/** @throws ItemError */
export function changedTexts(
  values: readonly WrittenText[],
  modifiers: Modifiers & { readonly placeholders: Placeholders },
  scope: CompileScope,
): ValueText[] {
  return values.flatMap((value) => {
    const changedBy = (texts: ValueText[], change: TextChange): ValueText[] =>
      texts.flatMap((one) => counted(changed(one, change, value.place), value.place, scope))
    return scope
      .expanded(value, modifiers.isExpanded, modifiers.placeholders)
      .flatMap((text) => modifiers.changes.reduce<ValueText[]>(changedBy, [parseValueText(text)]))
  })
}

function counted(texts: readonly ValueText[], place: FilePlace, scope: CompileScope): readonly ValueText[] {
  const lengths = texts.map((parts) => ({ length: parts.reduce((sum, part) => sum + (part.kind === 'text' ? part.text.length : 1), 0) }))
  scope.counted(lengths, place)
  return texts
}

function changed(value: ValueText, change: TextChange, place: FilePlace): ValueText[] {
  if (change === 'windash') return [withDashes(value)]
  const forms = writeOutDashes(value)
  if (forms === null) throw detectionProblem('too many dashes to encode every form of the value', place)
  if (change !== 'base64' && change !== 'base64offset') {
    const encode = UTF16[change] ?? ((text: string) => text)
    return forms.map((form) => mapText(form, encode))
  }
  return forms.flatMap((form) => {
    const text = plainText(form)
    if (text === null) throw detectionProblem(`a value with wildcards has no ${change} form`, place)
    const encoded = change === 'base64' ? [base64(text)] : base64Offsets(text)
    return encoded.map((one): ValueText => [{ kind: 'text', text: one }])
  })
}
