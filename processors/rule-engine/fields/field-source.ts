// Where an expression reads its fields: from a record with what is known of its container, or from a map of values (rule tests).
import type { ResolvedField } from './catalogue.js'
import type { FieldValue } from './field-value.js'
import type { JudgedEvent } from './judged-event.js'

/** Gives the value of a field of one event. */
export interface FieldSource {
  value(field: ResolvedField): FieldValue
}

/** Reads fields from a record. Values are kept for the event, since many rules ask for the same few. */
export class RecordSource implements FieldSource {
  readonly #event: JudgedEvent
  readonly #kept = new Map<string, FieldValue>()

  constructor(event: JudgedEvent) {
    this.#event = event
  }

  value(field: ResolvedField): FieldValue {
    const { extract } = field.definition
    if (extract === null) return undefined
    // Bounded: at most one entry for each field that the rule set names.
    const kept = this.#kept.get(field.key)
    if (kept !== undefined || this.#kept.has(field.key)) return kept
    const value = extract(this.#event, field.argument)
    this.#kept.set(field.key, value)
    return value
  }
}
