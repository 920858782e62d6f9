// Fields of a log source by their Sigma names. A field comes from the catalogue if both languages mean the same, otherwise it is defined here. All fields
// are compared as texts, as Sigma requires.
import { resolveField } from '../../fields/catalogue.js'
import { UNKNOWN, type FieldValue, type ScalarValue } from '../../fields/field-value.js'
import { textPlans } from '../../fields/bytes/byte-plan.js'
import { field, from, missing, type FieldDefinition, type FieldReading, type FieldTraits } from '../../fields/field.js'
import type { RuleEvent } from '../../fields/rule-event.js'
import { HOST_NAME, processText, processValue } from '../../fields/record/record-readings.js'

/** The fields of a log source by their names. */
export type SigmaFields = ReadonlyMap<string, FieldDefinition>

/** Name of the field in which keywords are searched. */
export const WHOLE_EVENT = ''

/**
 * Fields by name, with a field of all values for keywords.
 * @param all reads all values, if that is faster than field by field
 */
export function sigmaFields(definitions: readonly FieldDefinition[], all?: FieldReading): SigmaFields {
  const source = [...new Set(definitions.flatMap((definition) => definition.source))]
  const everything: FieldReading = all ?? { source, extract: (event) => everyValue(definitions, event) }
  const traits: FieldTraits = { plurality: 'any', isWholeEvent: true }
  const whole = field(WHOLE_EVENT, 'CHARBUF', 'Every value of the event.', everything, traits)
  return new Map([...definitions, whole].map((definition) => [definition.name, definition]))
}

/** A field that the catalogue does not have in Sigma's form. */
export function ownField(name: string, doc: string, reading: FieldReading, traits: FieldTraits = {}): FieldDefinition {
  return field(name, 'CHARBUF', doc, asText(reading), { plurality: 'any', ...traits })
}

/** A field of such logs that no record has. */
export function lackingField(name: string, doc: string, reason: string): FieldDefinition {
  return missing(name, 'CHARBUF', doc, reason, { plurality: 'any' })
}

/** Catalogue fields under Sigma's names. @param names catalogue names by Sigma names */
export function catalogueFields(names: Readonly<Record<string, string>>): FieldDefinition[] {
  return Object.entries(names).map(([name, ours]) => {
    const definition = catalogueField(name, ours)
    if (definition === null) throw new TypeError(`field ${name}: the catalogue has no ${ours}`)
    return definition
  })
}

/** A catalogue field in the form for Sigma; null if there is none of that name. */
export function catalogueField(name: string, ours: string): FieldDefinition | null {
  const resolved = resolveField(ours, null)
  if ('problem' in resolved) return null
  const { definition, argument } = resolved
  const { extract, source } = definition
  const traits = { type: 'CHARBUF', plurality: 'any', isFilterOnly: false, bytes: textPlans(definition.bytes) } as const
  if (extract === null) return { ...definition, ...traits, name }
  const reading = asText({ source, extract: (event) => extract(event, argument) })
  return { ...definition, ...traits, name, extract: reading.extract }
}

function asText({ source, extract, read, bytes }: FieldReading): FieldReading {
  if (read === undefined) return { source, extract: (event, argument) => textValue(extract(event, argument)) }
  return { source, extract: ({ event }, argument) => textValue(read(event, argument)), bytes: textPlans(bytes) }
}

function textValue(value: FieldValue): FieldValue {
  if (value === undefined || value === UNKNOWN || typeof value === 'string') return value
  return typeof value === 'object' ? value.map(String) : String(value)
}

/** Unknown if one of the values is unknown: it may contain a keyword. */
function everyValue(definitions: readonly FieldDefinition[], event: RuleEvent): FieldValue {
  const values: ScalarValue[] = []
  for (const { extract } of definitions) {
    const value = extract?.(event, null)
    if (value === UNKNOWN) return UNKNOWN
    if (typeof value === 'object') values.push(...value)
    else if (value !== undefined) values.push(value)
  }
  return values
}

// Fields of every log source: process, host and time.

const FROM_CATALOGUE = { Image: 'proc.exepath', ProcessId: 'proc.pid' }

/** Times outside of the range of dates are absent. */
const UTC_TIME = from('Origin.wallTimeUs', ({ record }) => {
  const date = new Date(Math.floor(record.origin.wallTimeUs / 1000))
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace('T', ' ').replace('Z', '')
})

/** New definitions for each log source. */
export function commonFields(): FieldDefinition[] {
  return [
    ...catalogueFields(FROM_CATALOGUE),
    ownField('User', 'Name of the real user.', processText('user')),
    // The value in Sysmon for Linux.
    ownField('LogonId', 'Real user id.', processValue('uid')),
    ownField('CurrentDirectory', 'Working directory.', processText('cwd')),
    ownField('Computer', 'Name of the host.', HOST_NAME),
    ownField('UtcTime', 'When it happened, UTC, as Sysmon writes it: 2026-01-31 12:00:00.123.', UTC_TIME),
  ]
}
