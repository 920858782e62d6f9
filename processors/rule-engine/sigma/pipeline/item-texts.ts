// Values of an item in the form for pipelines: whole patterns, with wildcards for `contains`, `startswith` and `endswith`.
import { fromByteText } from '../../text/byte-text.js'
import type { DetectionItem, WrittenValue } from '../read/detection.js'
import { parseValueText, type ValueText } from '../values/value-text.js'
const POSITIONS: readonly string[] = ['contains', 'startswith', 'endswith']
/** Modifiers under which a value is a plain text. */
const PLAIN: readonly string[] = [...POSITIONS, 'all', 'neq', 'cased', 'expand', 'windash']

/** The first modifier under which the values are no texts; null if there is none. */
export function otherModifier({ modifiers }: DetectionItem): string | null {
  return modifiers.find((modifier) => !PLAIN.includes(modifier)) ?? null
}

/** Parts of a value with the wildcards of the item; null for YAML's null. */
export function patternOf({ text }: WrittenValue, { modifiers }: DetectionItem): ValueText | null {
  if (text === null) return null
  const parts = parseValueText(text)
  const isOpen = (...names: string[]): boolean => names.some((name) => modifiers.includes(name))
  const many = { kind: 'many' } as const
  const before = isOpen('contains', 'endswith') && parts[0]?.kind !== 'many' ? [many] : []
  const behind = isOpen('contains', 'startswith') && parts.at(-1)?.kind !== 'many' ? [many] : []
  return [...before, ...parts, ...behind]
}

/** The written form: wildcards, with plain `*` and `?` escaped. */
export function shownPattern(parts: ValueText): string {
  return parts.map((part) => (part.kind === 'text' ? fromByteText(part.text).replace(/[*?]/g, '\\$&') : sign(part))).join('')
}

/** The same with every backslash escaped, so that it is read back unchanged. */
export function writtenPattern(parts: ValueText): string {
  return parts.map((part) => (part.kind === 'text' ? escaped(fromByteText(part.text)) : sign(part))).join('')
}

/** The written form of a text without wildcards. */
export function escaped(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&')
}

const sign = ({ kind }: ValueText[number]): string => (kind === 'many' ? '*' : '?')

/** Longest value that is changed, characters; compilation refuses longer ones. */
const MAX_VALUE = 64 * 1024

/** The item with its values changed as whole patterns. @param change returns the written texts of the new values; null to leave a value */
export function withPatterns(item: DetectionItem, change: (parts: ValueText) => readonly string[] | null): DetectionItem {
  const values = item.values.flatMap((value): WrittenValue[] => {
    const parts = patternOf(value, item)
    if (parts === null || (value.text?.length ?? 0) > MAX_VALUE) return [value]
    const texts = change(parts) ?? [writtenPattern(parts)]
    return texts.map((text) => ({ text, place: value.place, isPlain: false }))
  })
  return { ...item, values, modifiers: item.modifiers.filter((modifier) => !POSITIONS.includes(modifier)) }
}
