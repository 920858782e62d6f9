// A text value of a Sigma rule: plain text, wildcards, and interchangeable dashes. Text is byte text, so that it can hold encoded bytes.
import { fromByteText, toByteText } from '../../text/byte-text.js'

/** any: `?`, one character. many: `*`, any number of characters. dash: one of the characters that begin an option on Windows. */
export type ValuePart = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'any' | 'many' | 'dash' }
export type ValueText = readonly ValuePart[]

/**
 * Reads wildcards and escapes. A backslash escapes `*`, `?` and itself; before any other character it is plain.
 * @see Sigma specification 2.1, "Escaping"
 */
export function parseValueText(written: string): ValueText {
  const parts: ValuePart[] = []
  let text = ''
  const flush = (): void => {
    if (text !== '') parts.push({ kind: 'text', text: toByteText(text) })
    text = ''
  }
  for (let i = 0; i < written.length; i++) {
    const char = written.charAt(i)
    const next = written.charAt(i + 1)
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      text += next
      i++
    } else if (char === '*' || char === '?') {
      flush()
      parts.push({ kind: char === '*' ? 'many' : 'any' })
    } else {
      text += char
    }
  }
  flush()
  return parts
}

/** The text of a value without wildcards; null if it has any. */
export function plainText(value: ValueText): string | null {
  return value.every((part) => part.kind === 'text') ? value.map((part) => ('text' in part ? part.text : '')).join('') : null
}

/** The value with the text parts changed. */
export function mapText(value: ValueText, change: (text: string) => string): ValueText {
  return value.map((part) => (part.kind === 'text' ? { kind: 'text', text: change(part.text) } : part))
}

/** The characters that Windows programs accept before an option: hyphen, slash, en dash, em dash, horizontal bar. */
export const DASHES = '-/\u2013\u2014\u2015'

/** Before a word character but not after one: the first dash of `-param-name`, not the second. */
const OPTION_DASH = /\B[-/\u2013\u2014\u2015]\b/g

/** Most expanded forms of one value with dashes: all forms of four dashes. */
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

/** Every form of a value with its dashes expanded, for encodings, which need bytes; null if there are too many. */
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

// Encodings of values: UTF-16, and base64 at any position in encoded text. All of it is byte text.

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')

/** UTF-16 little endian. */
export function utf16le(text: string): string {
  return Buffer.from(fromByteText(text), 'utf16le').toString('latin1')
}

/** UTF-16 big endian. */
export function utf16be(text: string): string {
  return Buffer.from(fromByteText(text), 'utf16le').swap16().toString('latin1')
}

/** UTF-16 little endian with a byte order mark. */
export function utf16(text: string): string {
  return `\xff\xfe${utf16le(text)}`
}

export function base64(text: string): string {
  return bytesOf(text).toString('base64')
}

/**
 * The base64 characters that do not depend on the text before and after, for the three positions that the first byte can have in a group of three.
 * Characters that also hold bits of a neighbour are cut off.
 */
export function base64Offsets(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const bits = shift * 8
    const encoded = Buffer.concat([Buffer.alloc(shift), bytesOf(text)]).toString('base64')
    const firstWhole = Math.ceil(bits / 6)
    const wholeEnd = Math.floor((bits + text.length * 8) / 6)
    return encoded.slice(firstWhole, wholeEnd)
  })
}
