// Fields of a log source by the names that Sigma gives them, and how such a field is made: from the catalogue wherever both languages mean
// the same, else by itself. All are compared as texts, as Sigma asks.
import { resolveField } from '../../fields/catalogue.js'
import { UNKNOWN } from '../../fields/field-value.js'
import type { FieldValue, ScalarValue } from '../../fields/field-value.js'
import { field, from, missing } from '../../fields/field.js'
import type { FieldDefinition, FieldReading, FieldTraits } from '../../fields/field.js'
import type { JudgedEvent } from '../../fields/judged-event.js'
import { recordText } from '../../fields/record/record-text.js'
import { toByteText } from '../../text/byte-text.js'

/** The fields of a log source by their names. */
export type SigmaFields = ReadonlyMap<string, FieldDefinition>

/** Name of the field that keywords are looked for in. */
export const WHOLE_EVENT = ''

/**
 * Fields by name, and beside them all of their values at once, for keywords.
 * @param all reads these values where that is faster than field by field
 */
export function sigmaFields(definitions: readonly FieldDefinition[], all?: FieldReading): SigmaFields {
  const source = [...new Set(definitions.flatMap((definition) => definition.source))]
  const everything: FieldReading = all ?? { source, extract: (event) => everyValue(definitions, event) }
  const traits: FieldTraits = { plurality: 'any', isWholeEvent: true }
  const whole = field(WHOLE_EVENT, 'CHARBUF', 'Every value of the event.', everything, traits)
  return new Map([...definitions, whole].map((definition) => [definition.name, definition]))
}

/** A field that the catalogue does not have in the form in which Sigma means it. */
export function ownField(name: string, doc: string, reading: FieldReading, traits: FieldTraits = {}): FieldDefinition {
  return field(name, 'CHARBUF', doc, asText(reading), { plurality: 'any', ...traits })
}

/** A field that logs of this kind have and no record holds. */
export function lackingField(name: string, doc: string, reason: string): FieldDefinition {
  return missing(name, 'CHARBUF', doc, reason, { plurality: 'any' })
}

/** Fields of the catalogue under Sigma's names. @param names Sigma's name to ours */
export function catalogueFields(names: Readonly<Record<string, string>>): FieldDefinition[] {
  return Object.entries(names).map(([name, ours]) => {
    const definition = catalogueField(name, ours)
    if (definition === null) throw new TypeError(`field ${name}: the catalogue has no ${ours}`)
    return definition
  })
}

/** A field of the catalogue as Sigma compares it; null when there is none of that name. */
export function catalogueField(name: string, ours: string): FieldDefinition | null {
  const resolved = resolveField(ours, null)
  if ('problem' in resolved) return null
  const { definition, argument } = resolved
  const { extract, source } = definition
  const traits = { type: 'CHARBUF', plurality: 'any', isFilterOnly: false } as const
  if (extract === null) return { ...definition, ...traits, name }
  const reading = asText({ source, extract: (event) => extract(event, argument) })
  return { ...definition, ...traits, name, extract: reading.extract }
}

function asText({ source, extract, read }: FieldReading): FieldReading {
  if (read === undefined) return { source, extract: (event, argument) => textValue(extract(event, argument)) }
  return { source, extract: ({ event }, argument) => textValue(read(event, argument)) }
}

function textValue(value: FieldValue): FieldValue {
  if (value === undefined || value === UNKNOWN || typeof value === 'string') return value
  return typeof value === 'object' ? value.map(String) : String(value)
}

/** Unknown as long as one of the values is: a keyword may stand in it. */
function everyValue(definitions: readonly FieldDefinition[], event: JudgedEvent): FieldValue {
  const values: ScalarValue[] = []
  for (const { extract } of definitions) {
    const value = extract?.(event, null)
    if (value === UNKNOWN) return UNKNOWN
    if (typeof value === 'object') values.push(...value)
    else if (value !== undefined) values.push(value)
  }
  return values
}

// Fields that the events of every log source have: who did it, where and when.

const FROM_CATALOGUE = { Image: 'proc.exepath', ProcessId: 'proc.pid' }

/** Made anew for each log source. */
export function commonFields(): FieldDefinition[] {
  return [
    ...catalogueFields(FROM_CATALOGUE),
    ownField(
      'User',
      'Name of the real user.',
      from('Process.user', (event) => recordText(event, 'process.user', event.record.process.user)),
    ),
    // What Sysmon for Linux writes there.
    ownField(
      'LogonId',
      'Real user id.',
      from('Process.uid', ({ record }) => record.process.uid),
    ),
    ownField(
      'CurrentDirectory',
      'Working directory.',
      from('Process.cwd', (event) => recordText(event, 'process.cwd', event.record.process.cwd)),
    ),
    ownField(
      'Computer',
      'Name of the host.',
      from('Origin.hostName', ({ record }) => toByteText(record.origin.hostName)),
    ),
    ownField(
      'UtcTime',
      'When it happened, UTC, as Sysmon writes it: 2026-01-31 12:00:00.123.',
      from('Origin.wallTimeUs', ({ record }) => utcText(record.origin.wallTimeUs)),
    ),
  ]
}

/** Times outside of what a date can hold are absent. */
function utcText(wallTimeUs: number): string | undefined {
  const date = new Date(Math.floor(wallTimeUs / 1000))
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace('T', ' ').replace('Z', '')
}
