// Resolves field names of Sigma rules, and of correlations over their matches, by the log source of the rule.
import { resolveField, type ResolvedField } from '../fields/catalogue.js'
import { missing, type FieldDefinition } from '../fields/field.js'
import { catalogueField } from './log-source/sigma-fields.js'
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

/** A field of a rule: a name of the log source, or of the catalogue (`container.id`), which a field mapping can use. */
export function fieldOf(name: string, source: LogSource): ResolvedField {
  const known = source.isAnswered ? (source.fields.get(name) ?? (name.includes('.') ? catalogueField(name, name) : null)) : null
  const unknown = (): FieldDefinition => missing(name, 'CHARBUF', 'A field of the log source.', 'no record has it', { plurality: 'any' })
  const definition = known ?? (name === '' ? WHOLE_EVENT : unknown())
  return { definition, argument: null, type: definition.type, plurality: definition.plurality, key: name === '' ? 'keywords' : name }
}

/** Names of the host in any log source, by which rules group. */
const HOST_NAMES = ['Computer', 'ComputerName', 'Hostname', 'HostName', 'host.name', 'hostname']

/**
 * A field by which a correlation groups or counts: one of the log source, otherwise one of the catalogue (`container.id`, `proc.aname[2]`), because a
 * correlation reads the event and not the rule.
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
