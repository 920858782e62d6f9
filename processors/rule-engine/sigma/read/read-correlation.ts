// Reads and checks the key `correlation` of a Sigma document: type, rules, groups, timespan and condition. The rules are resolved later.
import {
  CORRELATION_TYPES,
  THRESHOLD_OPERATORS,
  parseTimespan,
  type CorrelationType,
  type Threshold,
  type Timespan,
} from '../../rule-set/compiled-correlation.js'
import type { YamlNode } from '../../read/yaml-file.js'
import type { DocumentReader } from './document-reader.js'
import type { RuleReference, SigmaCorrelation } from './sigma-document.js'
const KEYS = ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate']
const CONDITION_KEYS = [...THRESHOLD_OPERATORS, 'field', 'percentile']
/** Most rules of one correlation, most fields of one group, most aliases. */
const MAX_RULES = 100
const MAX_FIELDS = 20
const MAX_ALIASES = 50

/** @throws ItemError */
export function readCorrelation(document: DocumentReader): SigmaCorrelation {
  const reader = document.within('correlation')
  for (const key of reader.keys) if (!KEYS.includes(key)) reader.failUnknown('key of correlation', key, KEYS, key)
  const type = readType(reader)
  const rules = readReferences(reader, reader.node('rules'))
  const groupBy = [...new Set(reader.texts('group-by'))]
  if (groupBy.length > MAX_FIELDS) reader.fail(`groups by more than ${String(MAX_FIELDS)} fields`, 'group-by')
  const condition = readCondition(reader, type)
  return {
    type,
    rules,
    groupBy,
    timespan: readTimespan(reader),
    ...condition,
    aliases: readAliases(reader),
    isGenerating: readFlag(reader, 'generate') ?? readFlag(document, 'generate') ?? false,
  }
}

function readType(reader: DocumentReader): CorrelationType {
  const text = reader.text('type') ?? reader.failHere("has no 'type'")
  return CORRELATION_TYPES.find((type) => type === text.toLowerCase()) ?? reader.failUnknown('type', text, CORRELATION_TYPES, 'type')
}

/** Rules by id or name: a list, or a single one. @throws ItemError */
export function readReferences(reader: DocumentReader, node: YamlNode): RuleReference[] {
  const items = node.kind === 'scalar' ? [node] : node.items
  const references = items.map((item) => {
    if (item.kind !== 'scalar') reader.fail("'rules' must be a list of ids or names of rules", item)
    return { text: item.text, place: item.place }
  })
  if (references.length === 0) reader.fail("'rules' must name at least one rule", node)
  if (references.length > MAX_RULES) reader.fail(`'rules' names more than ${String(MAX_RULES)} rules`, node)
  const seen = new Set<string>()
  for (const [index, { text }] of references.entries()) {
    if (seen.has(text)) reader.fail(`rule '${text}' occurs twice in 'rules'`, items[index] ?? node)
    seen.add(text)
  }
  return references
}

function readTimespan(reader: DocumentReader): Timespan {
  const text = reader.text('timespan') ?? reader.failHere("has no 'timespan'")
  const timespan = parseTimespan(text)
  return 'problem' in timespan ? reader.fail(timespan.problem, 'timespan') : timespan
}

type Condition = Pick<SigmaCorrelation, 'thresholds' | 'valueFields' | 'percentile'>

function readCondition(reader: DocumentReader, type: CorrelationType): Condition {
  const isTemporal = type === 'temporal' || type === 'temporal_ordered'
  if (!reader.has('condition') && isTemporal) return { thresholds: [], valueFields: [], percentile: null }
  const node = reader.node('condition')
  if (node.kind === 'scalar') reader.fail("'condition' must be a mapping such as {gte: 5}; an expression over rules is no part of it", node)
  const condition = reader.within('condition')
  for (const key of condition.keys) if (!CONDITION_KEYS.includes(key)) condition.failUnknown('key of condition', key, CONDITION_KEYS, key)
  const thresholds = THRESHOLD_OPERATORS.flatMap((operator): Threshold[] => {
    return condition.has(operator) ? [{ operator, value: readNumber(condition, operator) }] : []
  })
  if (thresholds.length === 0) reader.fail(`'condition' compares with nothing: expected one of ${THRESHOLD_OPERATORS.join(', ')}`, node)
  const valueFields = readValueFields(condition, type)
  return { thresholds, valueFields, percentile: readPercentile(condition, type) }
}

function readValueFields(condition: DocumentReader, type: CorrelationType): string[] {
  const fields = [...new Set(condition.texts('field'))]
  const takesField = type.startsWith('value_')
  if (takesField && fields.length === 0) condition.failHere(`has no 'field': ${type} must say whose values`)
  if (!takesField && fields.length > 0)
    condition.fail(`'field' has no meaning for ${type}: value_count counts the values of a field`, 'field')
  if (type !== 'value_count' && fields.length > 1) condition.fail(`${type} uses one field`, 'field')
  if (fields.length > MAX_FIELDS) condition.fail(`'field' names more than ${String(MAX_FIELDS)} fields`, 'field')
  return fields
}

function readPercentile(condition: DocumentReader, type: CorrelationType): number | null {
  if (!condition.has('percentile')) return null
  if (type !== 'value_percentile') condition.fail(`'percentile' has no meaning for ${type}`, 'percentile')
  const percentile = readNumber(condition, 'percentile')
  if (percentile <= 0 || percentile >= 100) condition.fail("'percentile' must be between 0 and 100", 'percentile')
  return percentile
}

function readNumber(reader: DocumentReader, key: string): number {
  const text = reader.text(key)?.trim() ?? ''
  const value = Number(text)
  if (!/^[+-]?[0-9]+(?:\.[0-9]+)?$/.test(text) || Math.abs(value) > Number.MAX_SAFE_INTEGER) reader.fail(`'${key}' must be a number`, key)
  return value
}

function readFlag(reader: DocumentReader, key: string): boolean | null {
  const text = reader.text(key)?.toLowerCase()
  if (text === undefined) return null
  return text === 'true' || text === 'yes'
    ? true
    : text === 'false' || text === 'no'
      ? false
      : reader.fail(`'${key}' must be true or false`, key)
}

function readAliases(reader: DocumentReader): SigmaCorrelation['aliases'] {
  const aliases = new Map<string, ReadonlyMap<string, { field: string; place: YamlNode['place'] }>>()
  if (!reader.has('aliases')) return aliases
  const all = reader.within('aliases')
  for (const alias of all.keys) {
    const ofAlias = all.within(alias)
    const fields = [...ofAlias.keys].map((rule): [string, { field: string; place: YamlNode['place'] }] => {
      const field = ofAlias.text(rule) ?? ofAlias.fail(`alias '${alias}' names no field for rule '${rule}'`, rule)
      return [rule, { field, place: ofAlias.keyPlace(rule) }]
    })
    if (fields.length === 0) all.fail(`alias '${alias}' names no field for any rule`, alias)
    aliases.set(alias, new Map(fields))
  }
  if (aliases.size > MAX_ALIASES) reader.fail(`more than ${String(MAX_ALIASES)} aliases`, 'aliases')
  return aliases
}
