// Exceptions of a rule: read from a file, checked, and appended to the condition as text: `(condition) and not ((field op value and ...) or ...)`.
import { ConditionProblem, bindOperand } from '../compile/bind-operand.js'
import { type Entry, type ExceptionDefinition, quoteItem } from './definitions.js'
import { ItemReader } from './item-reader.js'
import { parseOperand } from '../language/parser.js'
import { ConditionSyntaxError } from '../language/tokenizer.js'
import { LIST_OPERATORS, MODIFIERS, NUMBER_OPERATORS, TEXT_OPERATORS } from '../language/tree.js'
import { ItemError, type LoadReport } from '../read/load-report.js'
import type { YamlNode } from '../read/yaml-file.js'

/** Whether the text is neither a field nor a transformer of fields. */
export function operandProblem(text: string): boolean {
  const trimmed = text.trim()
  try {
    const { operand, length } = parseOperand(trimmed)
    bindOperand(operand)
    return length !== Buffer.byteLength(trimmed)
  } catch (error) {
    if (error instanceof ConditionSyntaxError || error instanceof ConditionProblem) return true
    throw error
  }
}

/**
 * The condition with its exceptions.
 * @throws ItemError for values that do not fit the fields
 */
export function withExceptions(condition: string, exceptions: readonly ExceptionDefinition[]): string {
  const parts = exceptions.map(exceptionText).filter((text) => text !== '')
  return parts.length === 0 ? condition : `(${condition})${parts.map((part) => ` and not ${part}`).join('')}`
}

function exceptionText(exception: ExceptionDefinition): string {
  const { fields, comps, values } = exception
  if (fields === null || comps === null || values.length === 0) return ''
  if (fields.kind === 'item') {
    const items = values.map((value) =>
      value.kind === 'item' ? quoteItem(value.text) : fail('Expected values array to contain a list of strings', exception),
    )
    return `(${fields.text} ${textOf(comps)} (${items.join(', ')}))`
  }
  const tuples = values.map((value) => tupleText(exception, fields.items, comps.kind === 'list' ? comps.items : [], value))
  return `(${tuples.join(' or ')})`
}

function tupleText(exception: ExceptionDefinition, fields: readonly Entry[], comps: readonly Entry[], value: Entry): string {
  if (value.kind !== 'list' || value.items.length !== fields.length)
    return fail('Fields and values lists must have equal length', exception)
  const checks = fields.map((field, index) => {
    const operator = textOf(comps[index])
    return `${textOf(field)} ${operator} ${operandText(value.items[index], operator)}`
  })
  return `(${checks.join(' and ')})`
}

function operandText(value: Entry | undefined, operator: string): string {
  if (value?.kind === 'list') return `(${value.items.map((item) => quoteItem(textOf(item))).join(', ')})`
  const text = textOf(value)
  if (takesList(operator)) return text.startsWith('(') ? text : `(${text})`
  return quoteItem(text)
}

const textOf = (entry: Entry | undefined): string => (entry?.kind === 'item' ? entry.text : '')

function fail(message: string, exception: ExceptionDefinition): never {
  throw new ItemError('LOAD_ERR_VALIDATE', message, exception.name, exception.place)
}

// Operators of exceptions: any operator for tuples of fields, but for a single field only those that take a list.

const PLAIN: readonly string[] = ['exists', ...NUMBER_OPERATORS, ...TEXT_OPERATORS, ...LIST_OPERATORS]
const MODIFIED = new Set(TEXT_OPERATORS.flatMap((operator) => MODIFIERS.map((modifier) => `${operator} ${modifier}`)))

const words = (text: string): string => text.trim().replace(/\s+/g, ' ')

/** Whether the right side of the operator is a list in parentheses. */
export function takesList(operator: string): boolean {
  return (LIST_OPERATORS as readonly string[]).includes(words(operator)) || MODIFIED.has(words(operator))
}

/** Why fields and operators do not fit together; null if they do. */
export function comparisonProblem(fields: Entry, comps: Entry): string | null {
  if (fields.kind === 'item') {
    if (comps.kind !== 'item') return 'Fields and comps must both be strings'
    return takesList(comps.text) ? null : 'When fields is a single value, comps must be one of (in, pmatch, intersects)'
  }
  if (comps.kind !== 'list' || comps.items.length !== fields.items.length) return 'Fields and comps lists must have equal length'
  for (const comp of comps.items) {
    const text = comp.kind === 'item' ? words(comp.text) : '[...]'
    if (!PLAIN.includes(text) && !MODIFIED.has(text)) return `'${text}' is not a supported comparison operator`
  }
  return null
}

// The key `exceptions` of a rule: names with fields, comparison operators and values.

const KEYS = ['name', 'fields', 'comps', 'values']
const MAX_DEPTH = 4

/** @param isAppend the exceptions are added to those of an earlier item and need no fields */
export function readExceptions(rule: ItemReader, isAppend: boolean, report: LoadReport): ExceptionDefinition[] {
  const node = rule.get('exceptions')
  if (node === undefined || node.kind === 'null') return []
  if (node.kind !== 'sequence') rule.fail('Rule exceptions must be a sequence', node.place)
  const names = new Set<string>()
  return node.items.map((item) => {
    const exception = readException(rule, item, isAppend, report)
    if (names.has(exception.name)) {
      report.warn(
        'LOAD_EXCEPTION_NAME_NOT_UNIQUE',
        `Multiple definitions of exception '${exception.name}' in the same item`,
        rule.name,
        item.place,
      )
    }
    names.add(exception.name)
    return exception
  })
}

function readException(rule: ItemReader, node: YamlNode, isAppend: boolean, report: LoadReport): ExceptionDefinition {
  if (node.kind !== 'map') rule.fail('Rule exception must be a mapping', node.place)
  const name = new ItemReader(node, null).text('name').text
  const item = new ItemReader(node, name)
  item.warnUnknownKeys(KEYS, report, 'exception')
  if (!item.has('fields') && !isAppend) item.fail("Item has no mapping for key 'fields'")
  const values = item.get('values')
  if (values !== undefined && values.kind !== 'sequence') item.fail('Rule exception values must be a sequence', values.place)
  if (values === undefined && isAppend) {
    report.warn('LOAD_APPEND_NO_VALUES', 'Overriding/appending exception with no values', name, node.place)
  }
  return {
    name,
    fields: readEntry(item, item.get('fields'), 0),
    comps: readEntry(item, item.get('comps'), 0),
    values: (values?.items ?? []).map((value) => readEntry(item, value, 0)).filter((entry) => entry !== null),
    place: node.place,
  }
}

function readEntry(item: ItemReader, node: YamlNode | undefined, depth: number): Entry | null {
  if (node === undefined || node.kind === 'null' || node.kind === 'map') return null
  if (node.kind === 'scalar') {
    if (node.text === '') item.fail('Value must be non-empty', node.place)
    return { kind: 'item', text: node.text }
  }
  if (depth >= MAX_DEPTH) item.fail('Lists of an exception are nested too deeply', node.place)
  return { kind: 'list', items: node.items.map((member) => readEntry(item, member, depth + 1)).filter((entry) => entry !== null) }
}
