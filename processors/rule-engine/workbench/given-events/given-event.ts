// An event that a person gives to try rules on: a map of fields, or a record with what is known of its container. One way to ask both.
import { timeOfFields } from '../../correlation/field-map-time.js'
import { FieldMapSource } from '../../evaluate/field-map.js'
import type { FieldMap } from '../../evaluate/field-map.js'
import { RecordSource } from '../../fields/field-source.js'
import type { FieldSource } from '../../fields/field-source.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import { UNKNOWN } from '../../fields/field-value.js'
import type { FieldValue } from '../../fields/field-value.js'
import { eventTypeOf } from '../../fields/record/event-type.js'
import type { JudgedEvent } from '../../fields/judged-event.js'

/** A map of fields, or a record with what is known of its container. */
export type GivenEvent =
  /** `unknown`: fields whose facts have not come yet. */
  | { readonly kind: 'fields'; readonly fields: FieldMap; readonly unknown: readonly string[] }
  | { readonly kind: 'record'; readonly judged: JudgedEvent }

/** Where the fields of the event are read. */
export function sourceOf(event: GivenEvent): FieldSource {
  if (event.kind === 'record') return new RecordSource(event.judged)
  const known = new FieldMapSource(event.fields)
  return event.unknown.length === 0 ? known : new WaitingFields(known, new Set(event.unknown))
}

/** A map of fields some of which hang on facts that have not come. */
class WaitingFields implements FieldSource {
  readonly #known: FieldSource
  readonly #unknown: ReadonlySet<string>

  constructor(known: FieldSource, unknown: ReadonlySet<string>) {
    this.#known = known
    this.#unknown = unknown
  }

  value(field: ResolvedField): FieldValue {
    const isUnknown = this.#unknown.has(field.key) || this.#unknown.has(field.definition.name)
    return isUnknown ? UNKNOWN : this.#known.value(field)
  }
}

/** When it happened, microseconds; null for a map of fields that does not say it. */
export function timeOfEvent(event: GivenEvent): ReturnType<typeof timeOfFields> {
  return event.kind === 'fields' ? timeOfFields(event.fields) : event.judged.event.record.origin.wallTimeUs
}

/** Fields that say most of an event, in Falco's and in Sigma's names. */
const TELLING = [
  'evt.type',
  'type',
  'EventID',
  'proc.cmdline',
  'proc.name',
  'CommandLine',
  'Image',
  'fd.name',
  'TargetFilename',
  'a0',
  'name',
]
const MOST_TOLD = 3

/** A few words that tell an event from others. Not harmless for a terminal. */
export function eventTitle(event: GivenEvent): string {
  if (event.kind === 'record') {
    const { topic, record } = event.judged.event
    const path = topic === 'file' ? ` ${record.path ?? ''}` : ''
    return `${topic} ${eventTypeOf(event.judged.event) ?? record.type}${path} by ${record.process.name}`
  }
  const told = TELLING.flatMap((name) => {
    const value = Object.hasOwn(event.fields, name) ? event.fields[name] : undefined
    return typeof value === 'string' || typeof value === 'number' ? [`${name}=${String(value)}`] : []
  })
  return told.length === 0 ? `${String(Object.keys(event.fields).length)} fields` : told.slice(0, MOST_TOLD).join(' ')
}
