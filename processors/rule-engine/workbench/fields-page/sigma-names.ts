// Which names of Sigma answer to a field of the catalogue: read off the log sources, which make most of their fields from it.
import { FIELD_GROUPS } from '../../fields/catalogue.js'
import type { FieldDefinition } from '../../fields/field.js'
import { answeredSources } from '../../sigma/log-source/log-sources.js'

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
