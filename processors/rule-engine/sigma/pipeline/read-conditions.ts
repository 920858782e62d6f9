// Conditions of pipeline steps: on the rule, on an item of a detection, and on a field name.
import { LEVELS } from '../read/sigma-document.js'
import { itemsOf, type DetectionItem } from '../read/detection.js'
import { toByteText } from '../../text/byte-text.js'
import { parseValueText } from '../values/value-text.js'
import { nodesOf, type ItemTest, type NameTest, type PipelineRule } from './pipeline.js'
import { patternOf, shownPattern } from './item-texts.js'
import { refuseName, StepReader } from './step-reader.js'
type RuleTest = (rule: PipelineRule) => boolean
type Readers<Test> = Readonly<Record<string, (reader: StepReader) => Test>>

/** The conditions of a step on rules. @throws ItemError */
export function readRuleConditions(step: StepReader): RuleTest {
  const tests = readTests(step, 'rule', RULE)
  return joined(step, 'rule', tests)
}

/** Conditions on items and on the names of their fields. */
export function readItemConditions(step: StepReader): ItemTest {
  const items = readValueConditions(step)
  const names = readNameConditions(step)
  return (item, rule) => items(item, rule) && names(item.field, rule)
}

/** Conditions on items, whatever their fields. */
export function readValueConditions(step: StepReader): ItemTest {
  return joined(step, 'detection_item', readTests(step, 'detection_item', ITEM))
}

/** Conditions on the names of fields. */
export function readNameConditions(step: StepReader): NameTest {
  return joined(step, 'field_name', readTests(step, 'field_name', NAME))
}

/** Joined with and, or with or (`rule_cond_op: or`), and optionally negated. Without conditions, the step always applies. */
function joined<Given extends unknown[]>(
  step: StepReader,
  kind: string,
  tests: readonly ((...given: Given) => boolean)[],
): (...given: Given) => boolean {
  if (step.node(`${kind}_cond_expr`) !== null)
    step.fail(`'${kind}_cond_expr' is not supported: use '${kind}_cond_op' and '${kind}_cond_not'`, `${kind}_cond_expr`)
  const isAny = step.choice(`${kind}_cond_op`, ['and', 'or']) === 'or'
  const isNegated = step.flag(`${kind}_cond_not`)
  if (tests.length === 0) return () => true
  return (...given) => (isAny ? tests.some((test) => test(...given)) : tests.every((test) => test(...given))) !== isNegated
}

function readTests<Test>(step: StepReader, kind: string, readers: Readers<Test>): Test[] {
  return step.items(`${kind}_conditions`).map((node) => {
    const type = new StepReader(node, `a condition of ${kind}_conditions`).text('type')
    const read = Object.hasOwn(readers, type) ? readers[type] : undefined
    const reader = new StepReader(node, `condition '${type}'`)
    reader.text('type')
    if (read === undefined) return refuseName(reader, `condition of ${kind}_conditions`, type, Object.keys(readers))
    const test = read(reader)
    reader.done()
    return test
  })
}

const noteTest = (reader: StepReader): RuleTest => {
  const [key, value] = [reader.text('key'), reader.text('val')]
  return ({ notes }) => notes.get(key) === value
}

const RULE: Readers<RuleTest> = {
  logsource: (reader) => {
    const wanted = (['category', 'product', 'service'] as const).map(
      (key) => [key, reader.optionalText(key)?.toLowerCase() ?? null] as const,
    )
    return ({ detection }) => wanted.every(([key, value]) => value === null || detection.logSource[key] === value)
  },
  contains_field: (reader) => {
    const field = reader.text('field')
    return (rule) => itemsOfRule(rule).some((item) => item.field === field)
  },
  contains_detection_item: (reader) => {
    const field = reader.text('field')
    const value = shownPattern(parseValueText(reader.text('value')))
    return (rule) => itemsOfRule(rule).some((item) => item.field === field && shownValues(item).includes(value))
  },
  processing_item_applied: (reader) => {
    const id = reader.text('processing_item_id')
    return ({ made }) => made.has(id)
  },
  processing_state: noteTest,
  tag: (reader) => {
    const tag = reader.text('tag').toLowerCase()
    return ({ metadata }) => metadata.tags.some((given) => given.toLowerCase() === tag)
  },
  is_sigma_rule: () => () => true,
  is_sigma_correlation_rule: () => () => false,
  rule_attribute: readAttribute,
}

const TEXT_ATTRIBUTES = ['title', 'id', 'name', 'author', 'description'] as const
const LIST_ATTRIBUTES = ['tags', 'references', 'fields'] as const
const OPERATORS = ['eq', 'ne', 'gte', 'gt', 'lte', 'lt', 'in', 'not_in'] as const

function readAttribute(reader: StepReader): RuleTest {
  const attribute = reader.text('attribute')
  const value = reader.text('value')
  const op = reader.choice('op', OPERATORS)
  const text = TEXT_ATTRIBUTES.find((name) => name === attribute)
  if (text !== undefined && (op === 'eq' || op === 'ne')) return ({ metadata }) => (metadata[text] === value) === (op === 'eq')
  const list = LIST_ATTRIBUTES.find((name) => name === attribute)
  if (list !== undefined && (op === 'in' || op === 'not_in')) return ({ metadata }) => metadata[list].includes(value) === (op === 'in')
  if (attribute === 'level' && op !== 'in' && op !== 'not_in') return levelTest(reader, value, op)
  const known = [...TEXT_ATTRIBUTES, ...LIST_ATTRIBUTES, 'level']
  if (known.includes(attribute)) return reader.fail(`'${op}' does not go with the attribute '${attribute}'`, 'op')
  return reader.fail(`attribute '${attribute}' is not supported: expected ${known.join(', ')}`, 'attribute')
}

function levelTest(reader: StepReader, value: string, op: 'eq' | 'ne' | 'gte' | 'gt' | 'lte' | 'lt'): RuleTest {
  const wanted = LEVELS.findIndex((level) => level === value.toLowerCase())
  if (wanted < 0) return reader.fail(`unknown level '${value}': expected ${LEVELS.join(', ')}`, 'value')
  const compare = {
    eq: (level: number) => level === wanted,
    ne: (level: number) => level !== wanted,
    gte: (level: number) => level >= wanted,
    gt: (level: number) => level > wanted,
    lte: (level: number) => level <= wanted,
    lt: (level: number) => level < wanted,
  }[op]
  return ({ metadata }) => metadata.level !== null && compare(LEVELS.indexOf(metadata.level))
}

const ITEM: Readers<ItemTest> = {
  match_string: (reader) => {
    const pattern = reader.prefixPattern('pattern', toByteText(reader.text('pattern')))
    const isNegated = reader.flag('negate')
    return valueTest(reader, (shown) => (shown !== null && pattern(toByteText(shown))) !== isNegated)
  },
  match_value: (reader) => {
    const value = shownPattern(parseValueText(reader.text('value')))
    return valueTest(reader, (shown) => shown === value)
  },
  contains_wildcard: (reader) => {
    const isAny = reader.choice('cond', ['any', 'all']) === 'any'
    return (item) => quantified(item.values, isAny, (value) => patternOf(value, item)?.some(({ kind }) => kind !== 'text') ?? false)
  },
  is_null: (reader) => valueTest(reader, (shown) => shown === null),
  processing_item_applied: (reader) => {
    const id = reader.text('processing_item_id')
    return ({ changedBy }) => changedBy.includes(id)
  },
  processing_state: (reader) => {
    const test = noteTest(reader)
    return (_, rule) => test(rule)
  },
}

function valueTest(reader: StepReader, isWanted: (shown: string | null) => boolean): ItemTest {
  const isAny = reader.choice('cond', ['any', 'all']) === 'any'
  return (item) => quantified(shownValues(item), isAny, isWanted)
}

function quantified<T>(values: readonly T[], isAny: boolean, test: (value: T) => boolean): boolean {
  return isAny ? values.some(test) : values.every(test)
}

const NAME: Readers<NameTest> = {
  include_fields: (reader) => nameTest(reader),
  exclude_fields: (reader) => {
    const isNamed = nameTest(reader)
    return (name, rule) => !isNamed(name, rule)
  },
  processing_state: (reader) => {
    const test = noteTest(reader)
    return (_, rule) => test(rule)
  },
}

function nameTest(reader: StepReader): NameTest {
  const fields = reader.texts('fields')
  if (reader.choice('mode', ['plain', 're']) === 'plain') return (name) => fields.includes(name)
  const patterns = fields.map((field) => reader.prefixPattern('fields', toByteText(field)))
  return (name) => name !== '' && patterns.some((matches) => matches(toByteText(name)))
}

function itemsOfRule({ detection }: PipelineRule): DetectionItem[] {
  return nodesOf(detection).flatMap(itemsOf)
}

function shownValues(item: DetectionItem): (string | null)[] {
  return item.values.map((value) => {
    const parts = patternOf(value, item)
    return parts === null ? null : shownPattern(parts)
  })
}
