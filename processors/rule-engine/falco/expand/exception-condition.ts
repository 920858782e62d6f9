// Exceptions of a rule as text behind its condition: `(condition) and not ((field op value and ...) or ...)`.
import { bindOperand } from '../../compile/bind-operand.js'
import { ConditionProblem } from '../../compile/condition-problem.js'
import { parseOperand } from '../../language/parser.js'
import { ConditionSyntaxError } from '../../language/syntax-error.js'
import type { Entry, ExceptionDefinition } from '../definitions.js'
import { ItemError } from '../../read/load-report.js'
import { takesList } from './exception-operators.js'
import { quoteItem } from './quote-item.js'

/** True when the text is no field and no transformer of fields. */
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
