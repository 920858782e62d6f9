// Values read and verdicts found for the current event, so that no field is read and no shared test is run twice. Hot path: flat arrays
// by slot, cleared for each event. Verdicts are small numbers that fit a byte array.
import type { Kleene } from '../kleene.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import type { FieldArgument, FieldExtractor } from '../../fields/field.js'
import type { FieldValue } from '../../fields/field-value.js'
import type { RuleEvent } from '../../fields/rule-event.js'
import type { FieldSource } from '../../fields/field-source.js'

/** Not evaluated yet: the content of a cleared memory. */
export const NOT_EVALUATED = 0
/** The test is false. */
export const FALSE = 1
/** The test is true. */
export const TRUE = 2
/** The test depends on facts that have not arrived. */
export const UNKNOWN_YET = 3

/** False, true, or unknown until facts arrive. */
export type VerdictCode = typeof FALSE | typeof TRUE | typeof UNKNOWN_YET

/** The code of a verdict. */
export function codeOf(verdict: Kleene): VerdictCode {
  return verdict === true ? TRUE : verdict === false ? FALSE : UNKNOWN_YET
}

/** Reads a value that has a slot. */
export type SlotReader = (memory: EventMemory) => FieldValue

/** Memory for one event at a time: `begin` clears it. */
export class EventMemory implements FieldSource {
  readonly #fieldReaders: ReadonlyMap<ResolvedField, SlotReader>
  /** Verdict codes by slot; NOT_EVALUATED if not evaluated yet. */
  readonly verdicts: Uint8Array
  readonly #isRead: Uint8Array
  readonly #values: FieldValue[]
  #event: RuleEvent | null = null

  /** @param fieldReaders readers of the fields that have a slot */
  constructor(fieldReaders: ReadonlyMap<ResolvedField, SlotReader>, valueSlots: number, verdictSlots: number) {
    this.#fieldReaders = fieldReaders
    this.#isRead = new Uint8Array(valueSlots)
    this.#values = new Array<FieldValue>(valueSlots).fill(undefined)
    this.verdicts = new Uint8Array(verdictSlots)
  }

  begin(event: RuleEvent): void {
    this.#event = event
    this.#isRead.fill(0)
    this.verdicts.fill(NOT_EVALUATED)
  }

  /** Used by transformers. */
  value(field: ResolvedField): FieldValue {
    const read = this.#fieldReaders.get(field)
    if (read !== undefined) return read(this)
    const { definition, argument } = field
    return definition.extract === null ? undefined : this.extract(definition.extract, argument)
  }

  /** Reads a value that has a slot, once per event. */
  read(slot: number, reader: SlotReader): FieldValue {
    if (this.#isRead[slot] === 1) return this.#values[slot]
    const value = reader(this)
    this.#isRead[slot] = 1
    this.#values[slot] = value
    return value
  }

  /** Reads a field from the event. */
  extract(extractor: FieldExtractor, argument: FieldArgument): FieldValue {
    return this.#event === null ? undefined : extractor(this.#event, argument)
  }
}
