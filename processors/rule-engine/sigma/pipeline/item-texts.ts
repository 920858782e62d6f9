// Values of an item as pipelines see them: whole patterns, in which `contains`, `startswith` and `endswith` have become wildcards.
import { fromByteText } from '../../text/byte-text.js'
import type { DetectionItem, WrittenValue } from '../read/detection.js'
import { parseValueText } from '../values/value-text.js'
import type { ValueText } from '../values/value-text.js'
const POSITIONS: readonly string[] = ['contains', 'startswith', 'endswith']
/** Modifiers under which a value is a text, as it is written. */
const PLAIN: readonly string[] = [...POSITIONS, 'all', 'neq', 'cased', 'expand', 'windash']

/** The first modifier that makes something else of the values than texts; null for none. */
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

/** As people write it: wildcards, and plain ones escaped. */
export function shownPattern(parts: ValueText): string {
  return parts.map((part) => (part.kind === 'text' ? fromByteText(part.text).replace(/[*?]/g, '\\$&') : sign(part))).join('')
}

/** The same with every backslash escaped, so that it is read as what it was. */
export function writtenPattern(parts: ValueText): string {
  return parts.map((part) => (part.kind === 'text' ? escaped(fromByteText(part.text)) : sign(part))).join('')
}

/** A text without wildcards, as a rule writes it. */
export function escaped(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&')
}

const sign = ({ kind }: ValueText[number]): string => (kind === 'many' ? '*' : '?')

/** Longest value that is changed, characters: a longer one is refused when the rule is compiled. */
const MAX_VALUE = 64 * 1024

/** The item with its values changed as whole patterns. @param change gives the written texts of what becomes of a value; null to leave it */
export function withPatterns(item: DetectionItem, change: (parts: ValueText) => readonly string[] | null): DetectionItem {
  const values = item.values.flatMap((value): WrittenValue[] => {
    const parts = patternOf(value, item)
    if (parts === null || (value.text?.length ?? 0) > MAX_VALUE) return [value]
    const texts = change(parts) ?? [writtenPattern(parts)]
    return texts.map((text) => ({ text, place: value.place, isPlain: false }))
  })
  return { ...item, values, modifiers: item.modifiers.filter((modifier) => !POSITIONS.includes(modifier)) }
}
