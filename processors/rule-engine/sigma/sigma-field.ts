// What a name means that a Sigma rule, or a correlation of its matches, reads: by the log source of the rule.
import { resolveField } from '../fields/catalogue.js'
import type { ResolvedField } from '../fields/catalogue.js'
import { missing } from '../fields/field.js'
import { catalogueField } from './log-source/sigma-fields.js'
import type { FieldDefinition } from '../fields/field.js'
import type { LogSource } from './log-source/log-source.js'
const WHOLE_EVENT: FieldDefinition = missing(
  '',
  'CHARBUF',
  'Every value of the event.',
  'keywords are looked for in lines of logs, which are not read',
  {
    plurality: 'any',
    isWholeEvent: true,
  },
)

/** A field that a rule of the log source names: by Sigma's name, or by that of the catalogue (`container.id`), as a field mapping may give it. */
export function fieldOf(name: string, source: LogSource): ResolvedField {
  const known = source.isAnswered ? (source.fields.get(name) ?? (name.includes('.') ? catalogueField(name, name) : null)) : null
  const unknown = (): FieldDefinition => missing(name, 'CHARBUF', 'A field of the log source.', 'no record has it', { plurality: 'any' })
  const definition = known ?? (name === '' ? WHOLE_EVENT : unknown())
  return { definition, argument: null, type: definition.type, plurality: definition.plurality, key: name === '' ? 'keywords' : name }
}

/** Names of the host that logs carry and rules group by, whatever the log source. */
const HOST_NAMES = ['Computer', 'ComputerName', 'Hostname', 'HostName', 'host.name', 'hostname']

/**
 * A field that a correlation groups by or counts: one of the log source; else one of the catalogue by its own name (`container.id`, `proc.aname[2]`), for a
 * correlation reads the event, not the rule.
 */
export function correlatedFieldOf(name: string, source: LogSource): ResolvedField {
  const own = fieldOf(name, source)
  if (own.definition.unavailable === null) return own
  const bracket = /^([^[\]]+)\[([^[\]]+)\]$/.exec(name)
  const ours = HOST_NAMES.includes(name) ? 'evt.hostname' : (bracket?.[1] ?? name)
  const resolved = resolveField(ours, bracket?.[2] ?? null)
  if ('problem' in resolved || resolved.definition.unavailable !== null) return own
  return { ...resolved, key: name }
}
