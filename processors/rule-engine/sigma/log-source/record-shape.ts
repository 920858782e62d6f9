// A record as which an event is shown to rules, where one event is several records of a log (audit) or a message has two sides (DNS). A rule
// is judged on each of them by itself, as it would be on the lines of the log.
import type { FieldDefinition } from '../../fields/field.js'
import type { SigmaFields } from './sigma-fields.js'

/** One kind of record that events are shown as. */
export interface RecordShape {
  /** Stands before the names of its fields where a rule is shown: `EXECVE.a0`. */
  readonly name: string
  readonly fields: SigmaFields
  /** Has a value for the events that are shown so, and for no other. */
  readonly presence: FieldDefinition
  /** Its fields also have values for events that are shown otherwise: rules ask for its presence first. */
  readonly isShared: boolean
  /**
   * Every record of this kind in one, with all of their values: enough for a rule that asks for one of some values of one field. null where
   * there is one record of the kind. The same object for all of the kind.
   */
  readonly together: RecordShape | null
  /** Types of events for which it is shown to a rule that names these fields. */
  eventTypes(named: ReadonlySet<string>): readonly string[]
  /** Values of fields that are the same for every event of the type; the same object where they are the same. */
  known(eventType: string): Readonly<Record<string, string | readonly string[]>>
}
