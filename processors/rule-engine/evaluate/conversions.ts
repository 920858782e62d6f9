// Conversions: a text taken without its case, as a number, as an address, or as a part of a date. A text that is none is absent.
import type { Conversion, TimePart } from '../language/tree.js'
import type { TransformerName } from '../language/tree.js'
import { UNKNOWN } from '../fields/field-value.js'
import type { FieldValue, ScalarValue } from '../fields/field-value.js'
import { parseAddress } from '../text/addresses.js'
import { casefold } from '../text/casefold.js'

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

export function isConversion(name: TransformerName): name is Conversion {
  return Object.hasOwn(CONVERT, name)
}

/** Of several values, those that can be converted. */
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

/** A part of an ISO 8601 date as it is written: no time zone is applied, as the specification of Sigma asks. */
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

/** Week of the year by ISO 8601: the first is the one that holds the fourth of January. */
function weekOf(year: number, month: number, day: number): number {
  const date = Date.UTC(year, month - 1, day)
  const weekday = (new Date(date).getUTCDay() + 6) % 7
  const thursday = date + (3 - weekday) * DAY_MS
  const newYear = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1)
  return Math.floor((thursday - newYear) / DAY_MS / 7) + 1
}
