// Stage 4 of the candidate filter: puts the value of one operand into a class, by its plan. Values of a class permit the same rows.
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'
import { PRESENT, type Seen } from './byte-text.js'
import type { NumberValue } from './byte-value.js'
import { NOT_NUMBERED } from './mask-unions.js'
import type { NumberMasks } from './number-masks.js'
import type { TextMasks } from './text-masks.js'

/** Finds the class of one operand's value in the bytes of a record. */
export interface Classifier {
  /**
   * ABSENT, UNKNOWN_YET, or a class from PRESENT on. NOT_NUMBERED for a class of its own, valid until the next look.
   * @param rows only these matter
   * @param searches what `searchesFor` returned for them
   */
  look(record: ScannedRecord, rows: Uint32Array, searches: number): number
  /** Removes the rows that a value does not permit. @param found from PRESENT on counted from 0, or NOT_NUMBERED */
  narrowBy(found: number, alive: Uint32Array): void
  /** What it must look for, as far as some rows say. */
  searchesFor?(rows: Uint32Array): number
  /** Takes the numbers of all classes back. */
  clear(): void
}

/** The class with a number of its masks. */
export const classOf = (found: number): number => (found === NOT_NUMBERED ? NOT_NUMBERED : PRESENT + found)

/** A value of texts. */
export class TextClassifier implements Classifier {
  readonly #value: (record: ScannedRecord, masks: TextMasks) => Seen
  readonly #masks: TextMasks

  constructor(value: (record: ScannedRecord, masks: TextMasks) => Seen, masks: TextMasks) {
    this.#value = value
    this.#masks = masks
  }

  look(record: ScannedRecord, _: Uint32Array, searches: number): number {
    const masks = this.#masks
    masks.decideBy(searches)
    const seen = this.#value(record, masks)
    return seen === PRESENT ? classOf(masks.found) : seen
  }

  narrowBy(found: number, alive: Uint32Array): void {
    this.#masks.narrowBy(found, alive)
  }

  searchesFor(rows: Uint32Array): number {
    return this.#masks.searchesFor(rows)
  }

  clear(): void {
    this.#masks.clear()
  }
}

/** A value of numbers. */
export class NumberClassifier implements Classifier {
  readonly #value: NumberValue
  readonly #masks: NumberMasks

  constructor(value: NumberValue, masks: NumberMasks) {
    this.#value = value
    this.#masks = masks
  }

  look(record: ScannedRecord): number {
    const masks = this.#masks
    const seen = this.#value(record, masks)
    return seen === PRESENT ? classOf(masks.found) : seen
  }

  narrowBy(found: number, alive: Uint32Array): void {
    this.#masks.narrowBy(found, alive)
  }

  clear(): void {
    this.#masks.clear()
  }
}
