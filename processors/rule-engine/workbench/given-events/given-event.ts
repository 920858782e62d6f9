// An event that a person supplies to try rules on: a map of fields, or a record with what is known of its container. Both have one
// interface. Events of the Windows event log, as JSON dumps of .evtx files hold them, become maps with the flat names that Sigma rules use.
import { isObject } from '../../../../infra/process/json-lines.js'
import { timeOfFields } from '../../correlation/event-sequence.js'
import { FieldMapSource, type FieldMap } from '../../evaluate/field-map.js'
import { RecordSource, type FieldSource } from '../../fields/field-source.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import { UNKNOWN, type FieldValue } from '../../fields/field-value.js'
import { eventTypeOf } from '../../fields/record/event-type.js'
import type { RuleEvent } from '../../fields/rule-event.js'

/** A map of fields, or a record with what is known of its container. */
export type GivenEvent =
  /** `unknown`: fields whose facts have not arrived yet. */
  | { readonly kind: 'fields'; readonly fields: FieldMap; readonly unknown: readonly string[] }
  | { readonly kind: 'record'; readonly ruleEvent: RuleEvent }

/** The source of the event's fields. */
export function sourceOf(event: GivenEvent): FieldSource {
  if (event.kind === 'record') return new RecordSource(event.ruleEvent)
  const known = new FieldMapSource(event.fields)
  return event.unknown.length === 0 ? known : new WaitingFields(known, new Set(event.unknown))
}

/** A map of fields, some of which depend on facts that have not arrived. */
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

/** Time of the event, microseconds; null for a map of fields without a time. */
export function timeOfEvent(event: GivenEvent): ReturnType<typeof timeOfFields> {
  return event.kind === 'fields' ? timeOfFields(event.fields) : event.ruleEvent.event.record.origin.wallTimeUs
}

/** The most descriptive fields of an event, under Falco's and Sigma's names. */
const TITLE_FIELDS = [
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
const MAX_TITLE_FIELDS = 3

/** A short title of an event. It may contain control characters. */
export function eventTitle(event: GivenEvent): string {
  if (event.kind === 'record') {
    const { topic, record } = event.ruleEvent.event
    const path = topic === 'file' ? ` ${record.path ?? ''}` : ''
    return `${topic} ${eventTypeOf(event.ruleEvent.event) ?? record.type}${path} by ${record.process.name}`
  }
  const parts = TITLE_FIELDS.flatMap((name) => {
    const value = Object.hasOwn(event.fields, name) ? event.fields[name] : undefined
    return typeof value === 'string' || typeof value === 'number' ? [`${name}=${String(value)}`] : []
  })
  return parts.length === 0 ? `${String(Object.keys(event.fields).length)} fields` : parts.slice(0, MAX_TITLE_FIELDS).join(' ')
}

type Json = Readonly<Record<string, unknown>>

/** Maximum depth that is read. */
const MAX_DEPTH = 4

/** Whether an object is an event as the Windows event log exports it. */
export function isWindowsEvent(value: Json): boolean {
  return isObject(value['Event']) && Object.keys(value).length === 1
}

/** Names of EventData come last and override names of System, as in the fields that log shippers produce. */
export function windowsFields(value: Json): Json {
  const fields: Record<string, unknown> = {}
  const { Event: event } = value
  if (!isObject(event)) return fields
  addParts(event['System'], fields, 0)
  const provider = isObject(event['System']) ? attributesOf(event['System']['Provider']) : {}
  if (provider['Name'] !== undefined) set(fields, 'Provider_Name', provider['Name'])
  addParts(event['UserData'], fields, 0)
  addParts(event['EventData'], fields, 0)
  return fields
}

function addParts(value: unknown, fields: Record<string, unknown>, depth: number): void {
  if (!isObject(value) || depth > MAX_DEPTH) return
  for (const [name, part] of Object.entries(value)) {
    if (name === '#attributes') continue
    if (name === 'Data') addData(part, fields)
    else if (!isObject(part)) set(fields, name, part)
    else if (part['#text'] !== undefined) set(fields, name, part['#text'])
    else {
      for (const [attribute, held] of Object.entries(attributesOf(part))) set(fields, attribute, held)
      addParts(part, fields, depth + 1)
    }
  }
}

/** `<Data Name="x">v</Data>`, one or several. */
function addData(given: unknown, fields: Record<string, unknown>): void {
  for (const one of Array.isArray(given) ? (given as unknown[]) : [given]) {
    if (!isObject(one)) continue
    const { Name: name } = attributesOf(one)
    if (typeof name === 'string') set(fields, name, one['#text'] ?? null)
  }
}

function attributesOf(value: unknown): Json {
  const attributes = isObject(value) ? value['#attributes'] : undefined
  return isObject(attributes) ? attributes : {}
}

/** Sets an own property, whatever its name. */
function set(fields: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true })
}
