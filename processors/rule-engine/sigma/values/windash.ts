// The modifier `windash`: a dash that begins an option may be any of the characters that Windows programs take for one.
import { fromByteText, toByteText } from '../../text/byte-text.js'
import type { ValuePart, ValueText } from './value-text.js'

/** Hyphen, slash, en dash, em dash, horizontal bar. */
export const DASHES = '-/\u2013\u2014\u2015'

/** Behind no character of a word and before one: the first dash of `-param-name`, not the second. */
const OPTION_DASH = /\B[-/\u2013\u2014\u2015]\b/g

/** Most values that one value with dashes is written out to, where it must be: all forms of four dashes. */
const MAX_FORMS = 625

export function withDashes(value: ValueText): ValueText {
  return value.flatMap((part) => (part.kind === 'text' ? splitDashes(fromByteText(part.text)) : [part]))
}

function splitDashes(text: string): ValuePart[] {
  const parts: ValuePart[] = []
  let at = 0
  for (const { index } of text.matchAll(OPTION_DASH)) {
    if (index > at) parts.push({ kind: 'text', text: toByteText(text.slice(at, index)) })
    parts.push({ kind: 'dash' })
    at = index + 1
  }
  if (at < text.length) parts.push({ kind: 'text', text: toByteText(text.slice(at)) })
  return parts
}

/** Every form of the value with its dashes written out, for encodings, which need the bytes; null when there are too many. */
export function writeOutDashes(value: ValueText): ValueText[] | null {
  const dashes = value.filter((part) => part.kind === 'dash').length
  if ([...DASHES].length ** dashes > MAX_FORMS) return null
  return value.reduce<ValuePart[][]>(
    (forms, part) => {
      const choices: ValuePart[] = part.kind === 'dash' ? [...DASHES].map((dash) => ({ kind: 'text', text: toByteText(dash) })) : [part]
      return forms.flatMap((form) => choices.map((choice) => [...form, choice]))
    },
    [[]],
  )
}
