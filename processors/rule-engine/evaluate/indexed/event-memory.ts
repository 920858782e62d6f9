// What was read and decided of the event under judgement, so that no field is read and no shared test done twice for it. Hot path: flat arrays by
// slot, cleared per event; everything in them is of this event.
import type { ResolvedField } from '../../fields/catalogue.js'
import type { FieldValue } from '../../fields/field-value.js'
import type { JudgedEvent } from '../../judged-event.js'
import type { FieldSource } from '../field-source.js'
import { NOT_JUDGED } from './verdict-code.js'

/** Reads what has a slot. */
export type SlotReader = (memory: EventMemory) => FieldValue

/** One event at a time: `begin` forgets the one before. */
export class EventMemory implements FieldSource {
  readonly #fieldSlots: ReadonlyMap<ResolvedField, number>
  /** Verdict codes by slot; NOT_JUDGED where nobody asked yet. */
  readonly verdicts: Uint8Array
  readonly #isRead: Uint8Array
  readonly #values: FieldValue[]
  #event: JudgedEvent | null = null
  #eventNumber = 0

  /** @param fieldSlots the slot of every field that an expression names */
  constructor(fieldSlots: ReadonlyMap<ResolvedField, number>, valueSlots: number, verdictSlots: number) {
    this.#fieldSlots = fieldSlots
    this.#isRead = new Uint8Array(valueSlots)
    this.#values = new Array<FieldValue>(valueSlots).fill(undefined)
    this.verdicts = new Uint8Array(verdictSlots)
  }

  /** Another one for each event. */
  get eventNumber(): number {
    return this.#eventNumber
  }

  begin(event: JudgedEvent): void {
    this.#event = event
    this.#eventNumber++
    this.#isRead.fill(0)
    this.verdicts.fill(NOT_JUDGED)
  }

  /** The field of the event; what transformers read. */
  value(field: ResolvedField): FieldValue {
    const slot = this.#fieldSlots.get(field)
    return slot === undefined ? this.#extract(field) : this.field(slot, field)
  }

  /** The same for a field whose slot is known. */
  field(slot: number, field: ResolvedField): FieldValue {
    if (this.#isRead[slot] === 1) return this.#values[slot]
    return this.#keep(slot, this.#extract(field))
  }

  /** A value that is made of others, read once. */
  made(slot: number, make: SlotReader): FieldValue {
    if (this.#isRead[slot] === 1) return this.#values[slot]
    return this.#keep(slot, make(this))
  }

  #keep(slot: number, value: FieldValue): FieldValue {
    this.#isRead[slot] = 1
    this.#values[slot] = value
    return value
  }

  #extract({ definition, argument }: ResolvedField): FieldValue {
    return this.#event === null || definition.extract === null ? undefined : definition.extract(this.#event, argument)
  }
}
