// Requirements that the masks do not decide, as those of expressions: the exact checks run on the texts in the bytes. Where values are remembered, they run
// once for each of them, and far fewer events are left to the evaluator.
import type { BoundCheck, BoundOperand } from '../compile/bound-tree.js'
import { compileTextMatcher, type TextMatcher } from '../evaluate/matcher.js'
import { familyOf } from '../fields/field-type.js'
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'
import { hasBit, setBit, subtract } from './bit-rows.js'
import { PRESENT, UNKNOWN_YET, type TextSink, type TextValue } from './byte-text.js'
import { classOf, type Classifier } from './classifier.js'
import { fieldTestOf } from './field-test.js'
import { MaskUnions } from './mask-unions.js'
import type { Requirement } from './normal-form.js'

/** A requirement of a row: some text of the value passes. */
export interface RowCheck {
  readonly row: number
  readonly holds: TextMatcher
}

/** What a text must pass where the masks do not decide; null if they do, or if all texts of the value decide together. */
export function checkOf({ operand, anyOf }: Requirement): TextMatcher | null {
  if (!isText(operand) || !anyOf.every(isOfOne) || anyOf.every((check) => fieldTestOf(check).isExact)) return null
  let matchers: readonly (TextMatcher | null)[] | null = null
  // Expressions are compiled when the first text comes.
  return (text) => (matchers ??= anyOf.map(matcherOf)).some((matches) => matches === null || matches(text))
}

const isText = ({ kind, plurality, type }: BoundOperand): boolean =>
  kind === 'field' && plurality !== 'sides' && ['text', 'bytes'].includes(familyOf(type))

/** Whether one text of the value is enough for it: `in` asks all members of a list. */
const isOfOne = (check: BoundCheck): boolean =>
  check.kind === 'comparison' &&
  check.right.kind === 'constants' &&
  check.operator !== '!=' &&
  (check.operator !== 'in' || check.left.plurality !== 'list')

function matcherOf(check: BoundCheck): TextMatcher | null {
  if (check.kind === 'exists' || check.right.kind !== 'constants') return null
  return compileTextMatcher(check.operator, check.modifier, check.left.type, check.right.constants)
}

/** The checks of one operand: a class of its values is the rows of which a check passes no text. */
export class TextChecks implements Classifier {
  readonly #value: TextValue
  readonly #checks: readonly RowCheck[]
  readonly #words: number
  readonly #reader = new TextReader()
  readonly #unions: MaskUnions

  constructor(value: TextValue, checks: readonly RowCheck[], words: number) {
    this.#value = value
    this.#checks = checks
    this.#words = words
    const pool = new Uint32Array(checks.length * words)
    checks.forEach(({ row }, index) => setBit(pool, row, index * words))
    this.#unions = new MaskUnions(new Uint32Array(words), pool)
  }

  look(record: ScannedRecord, rows: Uint32Array): number {
    const seen = this.#value(record, this.#reader)
    const { texts } = this.#reader
    if (seen !== PRESENT) return seen
    if (texts.length > MOST_TEXTS) return UNKNOWN_YET
    let failed = 0
    this.#checks.forEach(({ row, holds }, index) => {
      if (hasBit(rows, row) && !texts.some(holds)) failed = this.#unions.join(failed, index * this.#words)
    })
    return classOf(failed)
  }

  narrowBy(found: number, alive: Uint32Array): void {
    subtract(alive, this.#unions.words(found))
  }

  clear(): void {
    this.#unions.clear()
  }
}

/** Values of more texts are left to the evaluator. */
const MOST_TEXTS = 64

/** Reads texts of ASCII. */
class TextReader implements TextSink {
  readonly isInPieces = false
  texts: string[] = []

  begin(): void {
    this.texts = []
  }

  add({ buffer, byteOffset }: Uint8Array, start: number, end: number): void {
    if (this.texts.length <= MOST_TEXTS) this.texts.push(Buffer.from(buffer, byteOffset + start, end - start).toString('latin1'))
  }

  addUtf8(bytes: Uint8Array, start: number, end: number): boolean {
    for (let at = start; at < end; at++) if ((bytes[at] ?? 0) > 0x7f) return false
    this.add(bytes, start, end)
    return true
  }

  beginPieces(): void {
    this.begin()
  }

  addPiece(): void {
    // It takes whole texts.
  }

  addItems(): void {
    // The same.
  }

  endPieces(): boolean {
    return false
  }
}
