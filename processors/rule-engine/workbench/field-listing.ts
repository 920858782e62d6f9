// The fields of the catalogue for people and programs: name, type and events as text, the names that Sigma has for a field, and JSON.
import { FIELD_GROUPS } from '../fields/catalogue.js'
import type { FieldDefinition } from '../fields/field.js'
import { answeredSources } from '../sigma/log-source/log-sources.js'
import { RECORD_KINDS } from '../../../schemas/generated/calls.js'

/** A field of a Sigma log source. */
export interface SigmaName {
  /** `category process_creation`, `service auditd`. */
  readonly logSource: string
  readonly name: string
  readonly definition: FieldDefinition
  /** Name of the same field in the catalogue; null for a field that only Sigma has. */
  readonly same: string | null
}

/** Every field of every log source that records cover, once each. */
export function sigmaNames(): readonly SigmaName[] {
  const catalogue = FIELD_GROUPS.flatMap(([, fields]) => fields)
  return answeredSources().flatMap(([logSource, { fields, shapes }]) => {
    const all = [...fields.values(), ...shapes.flatMap((shape) => [...shape.fields.values()])]
    const byName = new Map(all.filter(({ isWholeEvent }) => !isWholeEvent).map((definition) => [definition.name, definition]))
    return [...byName].map(([name, definition]) => ({
      logSource,
      name,
      definition,
      // A field that is derived from a catalogue field shares its description and source list.
      same: catalogue.find(({ doc, source }) => doc === definition.doc && source === definition.source)?.name ?? null,
    }))
  })
}

/** Sigma names by the name of the catalogue field, each once. */
export function sigmaNamesByField(): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const { name, same } of sigmaNames()) {
    if (same !== null) names.set(same, [...new Set([...(names.get(same) ?? []), name])])
  }
  return names
}

/** A field with its group and its Sigma names. */
export interface FieldRow {
  readonly group: string
  readonly field: FieldDefinition
  readonly sigma: readonly string[]
}

/** A field as JSON. */
export function fieldJson({ group, field, sigma }: FieldRow): object {
  const { name, type, doc, unit, argument, plurality, unavailable, deprecated, isFilterOnly, needsFacts, kinds, source, isOwn } = field
  return {
    name,
    group,
    type,
    unit,
    doc,
    argument,
    list: plurality === 'list',
    events: kinds,
    source,
    sigma,
    available: unavailable === null,
    unavailable,
    deprecated,
    filterOnly: isFilterOnly,
    needsFacts,
    eunomiaOnly: isOwn,
  }
}

const ARGUMENTS: Readonly<Record<FieldDefinition['argument'], string>> = {
  none: '',
  index: '[n]',
  key: '[name]',
  requiredKey: '.name',
  requiredIndexOrKey: '[n|name]',
  requiredNumber: '[number]',
}

/** `proc.aname[n]`, `evt.rawarg.name`. */
export function fieldNameText({ name, argument }: FieldDefinition): string {
  return `${name}${ARGUMENTS[argument]}`
}

/** `UINT64, kB`, `CHARBUF list`. */
export function fieldTypeText({ type, unit, plurality }: FieldDefinition): string {
  return `${type}${plurality === 'list' ? ' list' : ''}${unit === null ? '' : `, ${unit}`}`
}

/** `all`, `file: open chmod; network`, `process without exit; file`; empty for a field that no event has. */
export function fieldKindsText({ kinds }: FieldDefinition): string {
  if (kinds === 'all') return 'all'
  const topics = Object.keys(RECORD_KINDS) as (keyof typeof RECORD_KINDS)[]
  return topics.flatMap((topic) => kindsOfTopic(topic, kinds[topic])).join('; ')
}

function kindsOfTopic(topic: keyof typeof RECORD_KINDS, types: 'all' | readonly string[] | undefined): string[] {
  if (types === undefined) return []
  const all = Object.keys(RECORD_KINDS[topic])
  const lacking = types === 'all' ? [] : all.filter((type) => !types.includes(type))
  if (types === 'all' || lacking.length === 0) return [topic]
  return [lacking.length < types.length ? `${topic} without ${lacking.join(' ')}` : `${topic}: ${types.join(' ')}`]
}
