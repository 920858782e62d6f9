// A text value of a Sigma rule: plain text, wildcards, and dashes that stand for each other. Text is byte text, so that encoded bytes
// have a place in it too.
import { toByteText } from '../../text/byte-text.js'

/** any: `?`, one character. many: `*`, any number of them. dash: one of the characters that begin an option on Windows. */
export type ValuePart = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'any' | 'many' | 'dash' }
export type ValueText = readonly ValuePart[]

/**
 * Reads wildcards and escapes. A backslash escapes `*`, `?` and itself, and stands for itself before all else.
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

/** The text of a value without wildcards; null when it has some. */
export function plainText(value: ValueText): string | null {
  return value.every((part) => part.kind === 'text') ? value.map((part) => ('text' in part ? part.text : '')).join('') : null
}

/** The value with the text parts changed. */
export function mapText(value: ValueText, change: (text: string) => string): ValueText {
  return value.map((part) => (part.kind === 'text' ? { kind: 'text', text: change(part.text) } : part))
}
