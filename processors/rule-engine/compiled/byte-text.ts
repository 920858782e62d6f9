// Texts in the bytes of a record, shown to their masks: what the plans of all texts use.
import { NULL_TEXT, UNKNOWN_TEXT, type ScannedRecord, type TextSpans } from '../fields/bytes/scanned-record.js'

/** There is no value. */
export const ABSENT = 0
/** The bytes do not say. */
export const UNKNOWN_YET = 1
/** The masks have seen the value. */
export const PRESENT = 2
/** What came of a look at a value. */
export type Seen = typeof ABSENT | typeof PRESENT | typeof UNKNOWN_YET

/** Looks at the texts of a value: masks do. */
export interface TextSink {
  /** Begins a value. */
  begin(): void
  /** One text of it. */
  add(bytes: Uint8Array, start: number, end: number): void
  /** The same of a text as a record has it. @returns false if its bytes do not decide */
  addUtf8(bytes: Uint8Array, start: number, end: number): boolean
  /** The one text of a value may be shown in pieces. */
  readonly isInPieces: boolean
  beginPieces(): void
  addPiece(bytes: Uint8Array, start: number, end: number): void
  /** Items of a list from one on, with a blank between them. */
  addItems(bytes: Uint8Array, list: TextSpans, from: number): void
  /** @returns false if the bytes do not decide */
  endPieces(): boolean
}

/** Looks at the numbers and truth values of a value. */
export interface NumberSink {
  begin(): void
  /** No NaN. */
  addNumber(value: number): void
}

/** Shows the value of a text to its masks. */
export type TextValue = (record: ScannedRecord, masks: TextSink) => Seen

/** Start of the text in a slot, or NULL_TEXT or UNKNOWN_TEXT. */
export const startOf = ({ texts }: ScannedRecord, slot: number): number => texts[2 * slot] ?? UNKNOWN_TEXT
export const endOf = ({ texts }: ScannedRecord, slot: number): number => texts[2 * slot + 1] ?? 0

/** The text in a slot; null if there is no such slot. */
export function textIn(slot: number): TextValue | null {
  if (slot < 0) return null
  return (record, masks) => {
    const start = startOf(record, slot)
    return start < 0 ? (start === NULL_TEXT ? ABSENT : UNKNOWN_YET) : only(record.bytes, start, endOf(record, slot), masks)
  }
}

/** A value of one text. */
export function only(bytes: Uint8Array, start: number, end: number, masks: TextSink): Seen {
  masks.begin()
  return masks.addUtf8(bytes, start, end) ? PRESENT : UNKNOWN_YET
}

const BLANK = 0x20
const SLASH = 0x2f

/** What follows the last slash of the text in a slot; null if there is no such slot. */
export function fileNameIn(slot: number): TextValue | null {
  if (slot < 0) return null
  return (record, masks) => {
    const start = startOf(record, slot)
    if (start < 0) return start === NULL_TEXT ? ABSENT : UNKNOWN_YET
    const end = endOf(record, slot)
    let from = end
    while (from > start && record.bytes[from - 1] !== SLASH) from--
    // Where a text has a NUL, the transformer ends it there.
    for (let at = from; at < end; at++) if (record.bytes[at] === 0) return UNKNOWN_YET
    return only(record.bytes, from, end, masks)
  }
}

/** The path in a slot, with a slash at its end; null if there is no such slot. */
export function folderIn(slot: number): TextValue | null {
  if (slot < 0) return null
  const text = new JoinedText()
  return (record, masks) => {
    const start = startOf(record, slot)
    if (start < 0) return start === NULL_TEXT ? ABSENT : UNKNOWN_YET
    const end = endOf(record, slot)
    if (end > start && record.bytes[end - 1] === SLASH) return only(record.bytes, start, end, masks)
    text.length = 0
    text.add(record.bytes, start, end)
    text.addByte(SLASH)
    return only(text.bytes, 0, text.length, masks)
  }
}

/** A text that is put together. */
export class JoinedText {
  bytes = new Uint8Array(4096)
  length = 0

  add(from: Uint8Array, start: number, end: number): void {
    const length = end - start
    this.#grow(length)
    // For short texts a loop is faster than a copy.
    for (let at = 0; at < length; at++) this.bytes[this.length + at] = from[start + at] ?? 0
    this.length += length
  }

  addBlank(): void {
    this.addByte(BLANK)
  }

  addByte(byte: number): void {
    this.#grow(1)
    this.bytes[this.length++] = byte
  }

  #grow(by: number): void {
    if (this.length + by <= this.bytes.length) return
    const larger = new Uint8Array(2 * (this.length + by))
    larger.set(this.bytes)
    this.bytes = larger
  }
}
