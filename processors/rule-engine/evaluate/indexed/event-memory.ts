// Values read and verdicts found for the current event, so that no field is read and no shared test is run twice. Hot path: flat arrays
// by slot, cleared for each event. Verdicts are small numbers that fit a byte array.
import type { Kleene } from '../kleene.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import type { FieldArgument, FieldExtractor } from '../../fields/field.js'
import type { FieldValue } from '../../fields/field-value.js'
import type { JudgedEvent } from '../../fields/judged-event.js'
import type { FieldSource } from '../../fields/field-source.js'

/** Not asked yet: what a memory that was cleared holds. */
export const NOT_JUDGED = 0
/** The test does not hold. */
export const FALSE = 1
/** The test holds. */
export const TRUE = 2
/** It hangs on facts that have not come. */
export const UNKNOWN_YET = 3

/** false, true, unknown until facts come. */
export type VerdictCode = typeof FALSE | typeof TRUE | typeof UNKNOWN_YET

/** The code of a verdict. */
export function codeOf(verdict: Kleene): VerdictCode {
  return verdict === true ? TRUE : verdict === false ? FALSE : UNKNOWN_YET
}

/** Reads what has a slot. */
export type SlotReader = (memory: EventMemory) => FieldValue

/** One event at a time: `begin` forgets the one before. */
export class EventMemory implements FieldSource {
  readonly #fieldReaders: ReadonlyMap<ResolvedField, SlotReader>
  /** Verdict codes by slot; NOT_JUDGED where nobody asked yet. */
  readonly verdicts: Uint8Array
  readonly #isRead: Uint8Array
  readonly #values: FieldValue[]
  #event: JudgedEvent | null = null

  /** @param fieldReaders of fields that have a slot */
  constructor(fieldReaders: ReadonlyMap<ResolvedField, SlotReader>, valueSlots: number, verdictSlots: number) {
    this.#fieldReaders = fieldReaders
    this.#isRead = new Uint8Array(valueSlots)
    this.#values = new Array<FieldValue>(valueSlots).fill(undefined)
    this.verdicts = new Uint8Array(verdictSlots)
  }

  begin(event: JudgedEvent): void {
    this.#event = event
    this.#isRead.fill(0)
    this.verdicts.fill(NOT_JUDGED)
  }

  /** What transformers read. */
  value(field: ResolvedField): FieldValue {
    const read = this.#fieldReaders.get(field)
    if (read !== undefined) return read(this)
    const { definition, argument } = field
    return definition.extract === null ? undefined : this.extract(definition.extract, argument)
  }

  /** What has a slot, read once. */
  read(slot: number, reader: SlotReader): FieldValue {
    if (this.#isRead[slot] === 1) return this.#values[slot]
    const value = reader(this)
    this.#isRead[slot] = 1
    this.#values[slot] = value
    return value
  }

  /** What a field is read from. */
  extract(extractor: FieldExtractor, argument: FieldArgument): FieldValue {
    return this.#event === null ? undefined : extractor(this.#event, argument)
  }
}
