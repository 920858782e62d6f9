// Fills a template with the fields of one event. Missing values show as <NA>. Nothing is escaped here: who shows it knows where.
import { addressText } from '../text/addresses.js'
import type { FieldSource } from '../fields/field-source.js'
import { operandValue } from '../evaluate/transform.js'
import { familyOf } from '../fields/field-type.js'
import { UNKNOWN } from '../fields/field-value.js'
import type { FieldValue, ScalarValue } from '../fields/field-value.js'
import type { BoundOperand } from '../compile/bound-tree.js'
import { fromByteText } from '../text/byte-text.js'
import type { OutputTemplate } from '../compile/template.js'

/** What Falco shows for a value that is not there. */
const MISSING = '<NA>'

/** The values of the fields of a template, by their names in it. */
export type OutputFields = Record<string, string | number | boolean | null>

/** Message and fields of an alert. */
export interface FilledTemplate {
  readonly output: string
  readonly outputFields: OutputFields
}

/** Fills each part from the source; texts are cut at bounds, and say so. */
export function fillTemplate(template: OutputTemplate, source: FieldSource): FilledTemplate {
  let bytes = ''
  const outputFields: OutputFields = {}
  for (const part of template.parts) {
    if (part.kind === 'text') {
      bytes += part.text
      continue
    }
    const value = operandValue(part.operand, source)
    const text = valueText(value, part.operand)
    bytes += part.width === null ? text : text.slice(0, part.width).padEnd(part.width)
    setOwn(outputFields, part.key, value, bounded(text, MAX_FIELD))
  }
  return { output: fromByteText(bounded(bytes, MAX_MESSAGE)), outputFields }
}

/** Longest message and longest value of a field in it, bytes: an alert must fit its topic, however long the arguments of an event are. */
const MAX_MESSAGE = 64 * 1024
const MAX_FIELD = 16 * 1024

/** Cut at the bound, and says so. */
function bounded(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}... (${String(text.length)} bytes)`
}

function setOwn(fields: OutputFields, key: string, value: FieldValue, text: string): void {
  const isPlain = typeof value === 'number' || typeof value === 'boolean'
  const shown = value === undefined || value === UNKNOWN ? null : isPlain ? value : fromByteText(text)
  Object.defineProperty(fields, key, { value: shown, enumerable: true, writable: true, configurable: true })
}

function valueText(value: FieldValue, operand: BoundOperand): string {
  if (value === undefined || value === UNKNOWN) return MISSING
  if (typeof value !== 'object') return scalarText(value, operand)
  const members = value.map((member) => scalarText(member, operand))
  // Ancestors without a number read as a line of descent, the eldest first.
  return operand.plurality === 'any' ? members.reverse().join('->') : `(${members.join(',')})`
}

function scalarText(value: ScalarValue, operand: BoundOperand): string {
  const family = familyOf(operand.type)
  if ((family === 'address' || family === 'network') && typeof value === 'string') return addressText(value)
  return operand.type === 'DOUBLE' && typeof value === 'number' ? value.toFixed(1) : String(value)
}
