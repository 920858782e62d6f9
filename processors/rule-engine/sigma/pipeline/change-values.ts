// Transformations of values, and of what stands for them: replaced parts, texts for texts, one value for all, values of placeholders.
import { fromByteText } from '../../text/byte-text.js'
import { compileReplacement } from '../../text/regular-expression.js'
import type { DetectionItem, DetectionNode } from '../detection/detection-node.js'
import { placeholderNames } from '../values/placeholders.js'
import type { Placeholders } from '../values/placeholders.js'
import { parseValueText } from '../values/value-text.js'
import type { ReadTransformation } from './change-fields.js'
import { escaped, otherModifier, shownPattern, withPatterns, writtenPattern } from './item-texts.js'
import type { Transformation } from './pipeline.js'
import { readItemConditions } from './read-conditions.js'
import { parseReplacement } from './replacement.js'
import type { StepReader } from './step-reader.js'

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

/** Regular expressions, networks and numbers are no texts and stay as they are, and so do values that are encoded. */
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
      // What an earlier step put in stays in.
      const values = Object.hasOwn(item.placeholders, name) ? null : valuesOf(name)
      return values === null ? [] : [[name, values]]
    })
    return { ...item, placeholders: { ...item.placeholders, ...Object.fromEntries(known) } }
  }
  return { kind: 'items', isFor: readItemConditions(step), change }
}
