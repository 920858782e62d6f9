// An event that a person gives to try rules on: a map of fields, or a record with what is known of its container. One way to ask both.
// + Events of Windows as JSON dumps of .evtx files have them, {"Event": {"System": …, "EventData": …}}, to the flat names that Sigma rules use.
import { timeOfFields } from '../../correlation/event-sequence.js'
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

type Json = Readonly<Record<string, unknown>>

/** Deepest part that is looked into. */
const MAX_DEPTH = 4

/** Is a given object an event as Windows' event log exports it? */
export function isWindowsEvent(value: Json): boolean {
  return isJson(value['Event']) && Object.keys(value).length === 1
}

/** Names of EventData come last: they win over names of System, as in the fields that log shippers make of both. */
export function windowsFields(value: Json): Json {
  const fields: Record<string, unknown> = {}
  const { Event: event } = value
  if (!isJson(event)) return fields
  addParts(event['System'], fields, 0)
  const provider = isJson(event['System']) ? attributesOf(event['System']['Provider']) : {}
  if (provider['Name'] !== undefined) set(fields, 'Provider_Name', provider['Name'])
  addParts(event['UserData'], fields, 0)
  addParts(event['EventData'], fields, 0)
  return fields
}

function addParts(value: unknown, fields: Record<string, unknown>, depth: number): void {
  if (!isJson(value) || depth > MAX_DEPTH) return
  for (const [name, part] of Object.entries(value)) {
    if (name === '#attributes') continue
    if (name === 'Data') addData(part, fields)
    else if (!isJson(part)) set(fields, name, part)
    else if (part['#text'] !== undefined) set(fields, name, part['#text'])
    else {
      for (const [attribute, held] of Object.entries(attributesOf(part))) set(fields, attribute, held)
      addParts(part, fields, depth + 1)
    }
  }
}

/** `<Data Name="x">v</Data>`, once or several times. */
function addData(given: unknown, fields: Record<string, unknown>): void {
  for (const one of Array.isArray(given) ? (given as unknown[]) : [given]) {
    if (!isJson(one)) continue
    const { Name: name } = attributesOf(one)
    if (typeof name === 'string') set(fields, name, one['#text'] ?? null)
  }
}

function attributesOf(value: unknown): Json {
  const attributes = isJson(value) ? value['#attributes'] : undefined
  return isJson(attributes) ? attributes : {}
}

/** Own property whatever the name is called. */
function set(fields: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true })
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
