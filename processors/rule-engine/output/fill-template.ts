// Fills a template with the fields of one event. Missing values show as <NA>. Escaping is left to whoever displays the text.
import { addressText } from '../text/addresses.js'
import type { FieldSource } from '../fields/field-source.js'
import { operandValue } from '../evaluate/transform.js'
import { familyOf } from '../fields/field-type.js'
import { UNKNOWN, type FieldValue, type ScalarValue } from '../fields/field-value.js'
import type { BoundOperand } from '../compile/bound-tree.js'
import { fromByteText } from '../text/byte-text.js'
import type { OutputTemplate } from '../compile/template.js'

/** What Falco shows for a missing value. */
const MISSING = '<NA>'

/** The field values of a template, by their names in it. */
export type OutputFields = Record<string, string | number | boolean | null>

/** Message and fields of an alert. */
export interface FilledTemplate {
  readonly output: string
  readonly outputFields: OutputFields
}

/** Fills each part from the source. Texts over the bounds are cut and marked. */
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

/** Maximum length of a message and of a field value in it, bytes: an alert must fit its topic, however long the event's arguments are. */
const MAX_MESSAGE = 64 * 1024
const MAX_FIELD = 16 * 1024

/** The text, cut at the bound and marked with its length. */
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
  // Ancestors without a number are shown as a line of descent, the oldest first.
  return operand.plurality === 'any' ? members.reverse().join('->') : `(${members.join(',')})`
}

function scalarText(value: ScalarValue, operand: BoundOperand): string {
  const family = familyOf(operand.type)
  if ((family === 'address' || family === 'network') && typeof value === 'string') return addressText(value)
  return operand.type === 'DOUBLE' && typeof value === 'number' ? value.toFixed(1) : String(value)
}
