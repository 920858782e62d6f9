// What was read and decided of the event under judgement, so that no field is read and no shared test done twice for it. Hot path: flat arrays by
// slot, cleared per event; everything in them is of this event.
import type { ResolvedField } from '../../fields/catalogue.js'
import type { FieldArgument, FieldExtractor } from '../../fields/field.js'
import type { FieldValue } from '../../fields/field-value.js'
import type { JudgedEvent } from '../../fields/judged-event.js'
import type { FieldSource } from '../../fields/field-source.js'
import { NOT_JUDGED } from './verdict-code.js'

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
