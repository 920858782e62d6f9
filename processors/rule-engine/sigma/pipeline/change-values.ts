// Transformations of values: replaced parts, mapped texts, one value for all, and placeholder values.
import type { ReadTransformation } from './change-rule.js'
import { escaped, otherModifier, shownPattern, withPatterns, writtenPattern } from './item-texts.js'
import type { Transformation } from './pipeline.js'
import { readItemConditions } from './read-conditions.js'
import type { StepReader } from './step-reader.js'
import type { DetectionItem, DetectionNode } from '../read/detection.js'
import { placeholderNames, type Placeholders } from '../values/placeholders.js'
import { parseValueText } from '../values/value-text.js'
import { fromByteText } from '../../text/byte-text.js'
import { compileReplacement, type ReplacementPart } from '../../text/regular-expression.js'

/** @param variables `vars` of the pipeline */
export function valueTransformations(variables: Placeholders): Readonly<Record<string, ReadTransformation>> {
  return {
    replace_string: replaceString,
    map_string: mapString,
    set_value: setValue,
    value_placeholders: (step) => placeholders(step, (name) => (Object.hasOwn(variables, name) ? (variables[name] ?? null) : null)),
    wildcard_placeholders: (step) => placeholders(step, () => ['*']),
  }
}

function replaceString(step: StepReader): Transformation {
  const parts = parseReplacement(step.text('replacement'))
  if ('problem' in parts) return step.fail(parts.problem, 'replacement')
  const replace = compileReplacement(step.text('regex'), parts)
  if (typeof replace !== 'function') return step.fail(replace.problem, 'regex')
  const isPlainOnly = step.flag('skip_special')
  const isInterpreted = step.flag('interpret_special')
  const inParts = (text: string): string => (isInterpreted ? writtenPattern(parseValueText(replace(text))) : escaped(replace(text)))
  return textChange(step, (value) =>
    isPlainOnly
      ? [value.map((part) => (part.kind === 'text' ? inParts(fromByteText(part.text)) : shownPattern([part]))).join('')]
      : // A backslash before a wildcard escapes it, every other one is itself.
        [replace(shownPattern(value)).replace(/\\(?![*?])/g, '\\\\')],
  )
}

function mapString(step: StepReader): Transformation {
  const mapping = step.mapping('mapping')
  return textChange(step, (value) => mapping.get(shownPattern(value)) ?? null)
}

/** Regular expressions, networks, numbers and encoded values are no texts and stay unchanged. */
function textChange(step: StepReader, change: Parameters<typeof withPatterns>[1]): Transformation {
  return {
    kind: 'items',
    isFor: readItemConditions(step),
    change: (item) => (otherModifier(item) === null ? withPatterns(item, change) : item),
  }
}

function setValue(step: StepReader): Transformation {
  const force = step.optionalText('force_type')
  if (force !== null && force !== 'str' && force !== 'num') step.fail("'force_type' must be str or num", 'force_type')
  const node = step.node('value')
  if (node?.kind === 'map' || node?.kind === 'sequence') return step.fail("'value' must be a text, a number or null", 'value')
  const text = node === null ? null : node.text
  const isPlain = force !== 'str' && (node?.isPlain ?? true)
  if (force === 'num' && (text === null || text.trim() === '' || !Number.isFinite(Number(text)))) step.fail("'value' is no number", 'value')
  const change = (item: DetectionItem): DetectionNode => ({
    ...item,
    modifiers: item.modifiers.filter((modifier) => modifier === 'neq'),
    values: [{ text, place: step.place, isPlain }],
  })
  return { kind: 'items', isFor: readItemConditions(step), change }
}

function placeholders(step: StepReader, valuesOf: (name: string) => readonly string[] | null): Transformation {
  const include = step.optionalTexts('include')
  const exclude = step.optionalTexts('exclude')
  if (include !== null && exclude !== null) step.fail("'include' and 'exclude' do not go together", 'exclude')
  const isHandled = (name: string): boolean => (include === null || include.includes(name)) && exclude?.includes(name) !== true
  const change = (item: DetectionItem): DetectionNode => {
    if (!item.modifiers.includes('expand')) return item
    const names = item.values.flatMap(({ text }) => (text === null ? [] : placeholderNames(text))).filter(isHandled)
    const known = names.flatMap((name): [string, readonly string[]][] => {
      // Values from an earlier step stay.
      const values = Object.hasOwn(item.placeholders, name) ? null : valuesOf(name)
      return values === null ? [] : [[name, values]]
    })
    return { ...item, placeholders: { ...item.placeholders, ...Object.fromEntries(known) } }
  }
  return { kind: 'items', isFor: readItemConditions(step), change }
}

// The replacement of `replace_string`, in Python's syntax: `\1`, `\g<1>` and `\g<name>` are groups of the match.

/** Longest replacement, characters: it can replace each character of a value. */
const MAX_REPLACEMENT = 256
const PART = /\\(?:g<([A-Za-z_]\w*|\d{1,2})>|(\d{1,2})|(.)|$)/gs
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', t: '\t', r: '\r' }

/** Its parts, or what is wrong with it. */
export function parseReplacement(written: string): readonly ReplacementPart[] | { readonly problem: string } {
  if (written.length > MAX_REPLACEMENT) return { problem: `the replacement is longer than ${String(MAX_REPLACEMENT)} characters` }
  const parts: ReplacementPart[] = []
  let at = 0
  for (const match of written.matchAll(PART)) {
    const [whole, named, numbered, escape] = match
    parts.push(written.slice(at, match.index))
    at = match.index + whole.length
    const group = named ?? numbered
    if (group !== undefined) parts.push({ group: /^\d+$/.test(group) ? Number(group) : group })
    else if (escape !== undefined && Object.hasOwn(ESCAPES, escape)) parts.push(ESCAPES[escape] ?? '')
    else return { problem: `'${whole}' is not valid in a replacement: write a backslash as two` }
  }
  parts.push(written.slice(at))
  const isAmbiguous = parts.some((part, index) => typeof part === 'string' && /^[0-9]/.test(part) && typeof parts[index - 1] === 'object')
  return isAmbiguous ? { problem: 'a group can not be followed by a digit' } : parts
}
