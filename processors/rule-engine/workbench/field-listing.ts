// Which names of Sigma answer to a field of the catalogue: read off the log sources, which make most of their fields from it.
// + A field of the catalogue in words, as lists of fields show it: its name with what may stand behind it, its type, the events that have it.
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
  /** Name of the field of the catalogue that it is; null for one that Sigma alone has. */
  readonly same: string | null
}

/** Every field of every log source that records answer, once each. */
export function sigmaNames(): readonly SigmaName[] {
  const catalogue = FIELD_GROUPS.flatMap(([, fields]) => fields)
  return answeredSources().flatMap(([logSource, { fields, shapes }]) => {
    const all = [...fields.values(), ...shapes.flatMap((shape) => [...shape.fields.values()])]
    const byName = new Map(all.filter(({ isWholeEvent }) => !isWholeEvent).map((definition) => [definition.name, definition]))
    return [...byName].map(([name, definition]) => ({
      logSource,
      name,
      definition,
      // A field that is made from the catalogue keeps the sentence and the list of sources of the one that it is made from.
      same: catalogue.find(({ doc, source }) => doc === definition.doc && source === definition.source)?.name ?? null,
    }))
  })
}

/** Names of Sigma by the name of the field of the catalogue, each once. */
export function sigmaNamesByField(): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const { name, same } of sigmaNames()) {
    if (same !== null) names.set(same, [...new Set([...(names.get(same) ?? []), name])])
  }
  return names
}

/** A field with the group that it stands in and its names in Sigma. */
export interface FieldRow {
  readonly group: string
  readonly field: FieldDefinition
  readonly sigma: readonly string[]
}

/** What a program reads. */
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
