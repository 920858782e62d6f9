// Transformers: the value of `toupper(fd.name)` for one event. The value of an absent input is absent, that of an unknown one unknown.
import type { BoundInput, BoundOperand, BoundTransformer } from '../compile/bound-tree.js'
import { familyOf } from '../fields/field-type.js'
import { UNKNOWN, type FieldValue, type ScalarValue } from '../fields/field-value.js'
import type { FieldSource } from '../fields/field-source.js'
import { lowerAscii, upperAscii } from '../../../infra/text/glob.js'
import { readOptions } from '../text/option-parser.js'
import type { Conversion, TimePart, TransformerName } from '../language/tree.js'
import { parseAddress } from '../text/addresses.js'
import { casefold } from '../text/byte-text.js'
/** The value of a field or transformer for one event. */
export function operandValue(operand: BoundOperand, source: FieldSource): FieldValue {
  return operand.kind === 'field' ? source.value(operand.field) : transformed(operand, source)
}

function transformed(operand: BoundTransformer, source: FieldSource): FieldValue {
  const { name } = operand
  if (isConversion(name)) return convertText(name, inputValue(operand.inputs[0], source))
  const inputs: (ScalarValue | readonly ScalarValue[])[] = []
  let isUnknown = false
  for (const input of operand.inputs) {
    const value = inputValue(input, source)
    if (value === undefined) return undefined
    if (value === UNKNOWN) isUnknown = true
    else inputs.push(value)
  }
  if (isUnknown) return UNKNOWN
  const [first, second] = inputs
  switch (name) {
    case 'join':
      return listOf(second).map(textOf).join(textOf(first))
    case 'concat':
      return inputs.map(textOf).join('')
    case 'getopt':
      return readOptions(listOf(first).map(textOf), textOf(second), operand.selector)
    case 'len':
      return Array.isArray(first) ? first.length : textOf(first).length
    default:
      return mapEach(first, SINGLE[name], operand)
  }
}

const SINGLE: Readonly<Record<'tolower' | 'toupper' | 'b64' | 'basename', (text: string) => string | undefined>> = {
  tolower: lowerAscii,
  toupper: upperAscii,
  b64: decodeBase64,
  basename: (text) => text.slice(text.lastIndexOf('/') + 1),
}

function mapEach(
  value: ScalarValue | readonly ScalarValue[] | undefined,
  change: (text: string) => string | undefined,
  operand: BoundTransformer,
): FieldValue {
  // Texts are C strings: nothing after a NUL is visible.
  const isText = familyOf(operand.type) === 'text'
  const changeOne = (one: ScalarValue | undefined): string | undefined => {
    const result = change(textOf(one))
    return isText ? result?.split('\0', 1)[0] : result
  }
  if (!Array.isArray(value)) return changeOne(value as ScalarValue | undefined)
  const results = (value as readonly ScalarValue[]).map(changeOne)
  return results.every((result) => result !== undefined) ? results : undefined
}

function inputValue(input: BoundInput | undefined, source: FieldSource): FieldValue {
  if (input === undefined) return undefined
  if (input.kind === 'literal') return input.text
  if (input.kind !== 'inputs') return operandValue(input, source)
  const values: ScalarValue[] = []
  let isUnknown = false
  for (const item of input.items) {
    const value = item.kind === 'literal' ? item.text : operandValue(item, source)
    if (value === undefined) return undefined
    if (value === UNKNOWN) isUnknown = true
    else if (typeof value === 'object') values.push(...value)
    else values.push(value)
  }
  return isUnknown ? UNKNOWN : values
}

const listOf = (value: ScalarValue | readonly ScalarValue[] | undefined): readonly ScalarValue[] =>
  value === undefined ? [] : typeof value === 'object' ? value : [value]
const textOf = (value: ScalarValue | readonly ScalarValue[] | undefined): string =>
  value === undefined || typeof value === 'object' ? '' : String(value)

/** Padding is optional, as in Falco's decoder; undefined for invalid base64. */
function decodeBase64(text: string): string | undefined {
  const body = text.replace(/={0,2}$/, '')
  if (!/^[A-Za-z0-9+/]*$/.test(body) || body.length % 4 === 1) return undefined
  return Buffer.from(body, 'base64').toString('latin1')
}

const CONVERT: Readonly<Record<Conversion, (text: string) => ScalarValue | undefined>> = {
  casefold,
  number: numberOf,
  address: (text) => parseAddress(text) ?? undefined,
  minute: datePart('minute'),
  hour: datePart('hour'),
  day: datePart('day'),
  week: datePart('week'),
  month: datePart('month'),
  year: datePart('year'),
}

function isConversion(name: TransformerName): name is Conversion {
  return Object.hasOwn(CONVERT, name)
}

/** Converts a value, or those of several values that can be converted. */
export function convertText(name: Conversion, value: FieldValue): FieldValue {
  if (value === undefined || value === UNKNOWN) return value
  const convert = CONVERT[name]
  if (typeof value !== 'object') return convert(String(value))
  const converted = value.map((one) => convert(String(one))).filter((one) => one !== undefined)
  return converted.length === 0 ? undefined : converted
}

function numberOf(text: string): number | undefined {
  return /^\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|0[xX][0-9a-fA-F]+)\s*$/.test(text) ? Number(text) : undefined
}

const DATE = /^\s*([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2}))?/
const PLACE_IN_DATE: Readonly<Record<Exclude<TimePart, 'week'>, number>> = { year: 1, month: 2, day: 3, hour: 4, minute: 5 }

/** A part of an ISO 8601 date as written: no time zone is applied, as the Sigma specification requires. */
function datePart(part: TimePart): (text: string) => number | undefined {
  return (text) => {
    const match = DATE.exec(text)
    if (match === null) return undefined
    if (part === 'week') return weekOf(Number(match[1]), Number(match[2]), Number(match[3]))
    const digits = match[PLACE_IN_DATE[part]]
    return digits === undefined ? undefined : Number(digits)
  }
}

const DAY_MS = 86_400_000

/** ISO 8601 week of the year: the first week contains January 4. */
function weekOf(year: number, month: number, day: number): number {
  const date = Date.UTC(year, month - 1, day)
  const weekday = (new Date(date).getUTCDay() + 6) % 7
  const thursday = date + (3 - weekday) * DAY_MS
  const newYear = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1)
  return Math.floor((thursday - newYear) / DAY_MS / 7) + 1
}
