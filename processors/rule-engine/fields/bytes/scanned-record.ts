// What a scan found in a record: where its texts are, and its numbers. Reused from one record to the next.
import { ANCESTOR_TEXTS, type RecordSlots } from './record-slots.js'
import type { Symbols } from './symbols.js'

/** Start of a text that is null. */
export const NULL_TEXT = -1
/** Start of a text that the scan does not know: the writer does not have the field as we read it. */
export const UNKNOWN_TEXT = -2
/** A number that the scan does not know; null is NaN. */
export const UNKNOWN_NUMBER = Infinity

/** Where the texts of a list are. */
export class TextSpans {
  /** Items; -1 for a list that is null. */
  count = 0
  isKnown = false
  #spans = new Int32Array(64)

  /** The spans, with room for one more item of so many numbers. */
  room(step: number): Int32Array {
    return this.spansFor((this.count + 1) * step)
  }

  /** The spans, with room for so many numbers. */
  spansFor(numbers: number): Int32Array {
    if (numbers > this.#spans.length) {
      const larger = new Int32Array(Math.max(numbers, this.#spans.length * 2))
      larger.set(this.#spans)
      this.#spans = larger
    }
    return this.#spans
  }

  get spans(): Int32Array {
    return this.#spans
  }
}

/** The values of one record, by slot. */
export class ScannedRecord {
  bytes: Uint8Array = new Uint8Array(0)
  /** Of the same bytes. */
  view = new DataView(this.bytes.buffer)
  /** Start and end of each text. */
  readonly texts: Int32Array
  readonly numbers: Float64Array
  readonly lists: readonly TextSpans[]
  /** Start and end of each of ANCESTOR_TEXTS, ancestor by ancestor. */
  readonly ancestors = new TextSpans()
  /** Some texts of the record are not UTF-8: their exact bytes are elsewhere. */
  hasRaw = false
  /** Result of the last number that was read slowly. */
  long = 0

  readonly symbols: Symbols

  constructor(slots: RecordSlots, symbols: Symbols) {
    this.symbols = symbols
    this.texts = new Int32Array(2 * slots.texts.length)
    this.numbers = new Float64Array(slots.numbers.length)
    this.lists = slots.lists.map(() => new TextSpans())
  }
}

/** The text in a slot, with bytes as Latin-1; null if there is none. */
export function latin1At({ bytes, texts }: ScannedRecord, slot: number): string | null {
  const start = texts[2 * slot] ?? UNKNOWN_TEXT
  const end = texts[2 * slot + 1] ?? 0
  return start < 0 ? null : Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}

/** After its texts, each ancestor has the position of its `exeFlags`; -1 if the writer does not have them as we read them. */
export const ANCESTOR_FLAGS = 2 * ANCESTOR_TEXTS.length
/** Numbers in `ancestors` for each ancestor. */
export const ANCESTOR_STEP = ANCESTOR_FLAGS + 1
