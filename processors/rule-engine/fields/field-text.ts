// A field of the catalogue in words, as lists of fields show it: its name with what may stand behind it, its type, the events that have it.
import type { FieldDefinition } from './field.js'
import { RECORD_KINDS } from '../../../schemas/generated/calls.js'

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
