// Where an expression reads its fields: from a record and what is known of its container, or from a map of values (rule tests).
import type { ResolvedField } from './catalogue.js'
import type { FieldValue } from './field-value.js'
import type { RuleEvent } from './rule-event.js'

/** Reads the fields of one event. */
export interface FieldSource {
  value(field: ResolvedField): FieldValue
}

/** Reads fields from a record. Values are cached for the event, because many rules read the same few fields. */
export class RecordSource implements FieldSource {
  readonly #event: RuleEvent
  readonly #cache = new Map<string, FieldValue>()

  constructor(event: RuleEvent) {
    this.#event = event
  }

  value(field: ResolvedField): FieldValue {
    const { extract } = field.definition
    if (extract === null) return undefined
    // Bounded: at most one entry for each field of the rule set.
    const cached = this.#cache.get(field.key)
    if (cached !== undefined || this.#cache.has(field.key)) return cached
    const value = extract(this.#event, field.argument)
    this.#cache.set(field.key, value)
    return value
  }
}
