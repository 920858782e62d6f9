// Remembers which rows the values of some fields leave: on a host the same programs open the same files, again and again. The key is every byte and number
// that the values are made of, compared as a whole, so that nothing is taken for anything else. Where values do not come again, it is not asked.
import { listSlot, numberSlot, textSlot } from '../fields/bytes/record-slots.js'
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'

/** What the values of a group of operands are made of, by slot. */
export interface MemoInputs {
  readonly texts: readonly number[]
  readonly lists: readonly number[]
  readonly numbers: readonly number[]
}

/** Operands whose values are made of the same. */
export type MemoGroup = 'path' | 'program'

/** Inputs by group. A result is only asked whether it is a failure, and which. */
export const MEMO_INPUTS: Readonly<Record<MemoGroup, MemoInputs>> = {
  path: {
    texts: [textSlot('path'), textSlot('newPath')],
    lists: [],
    numbers: (['type', 'result', 'pathSource', 'flags', 'descriptorType', 'isCreate', 'isCreated', 'fd'] as const).map(numberSlot),
  },
  program: {
    texts: [textSlot('process.name'), textSlot('process.exePath'), textSlot('process.program'), textSlot('filename')],
    lists: [listSlot('process.args')],
    numbers: (['type', 'result'] as const).map(numberSlot),
  },
}

const RESULT = numberSlot('result')
const ENTRIES = 1024
/** Longer keys are not remembered. */
const KEY_WORDS = 96
/** After so many keys it is decided whether to go on, and for so many it is not asked if most were new. */
const PERIOD = 4096
const PAUSE = 16 * PERIOD

/** Rows by values, for one event type. */
export class ValueMemo {
  readonly #inputs: MemoInputs
  readonly #words: number
  readonly #key = new Int32Array(KEY_WORDS)
  readonly #number = new Float64Array(1)
  readonly #halves = new Int32Array(this.#number.buffer)
  #keys = new Int32Array(0)
  #lengths = new Uint8Array(0)
  #rows = new Uint32Array(0)
  #length = 0
  #entry = 0
  #asked = 0
  #known = 0
  #pause = 0

  constructor(inputs: MemoInputs, words: number) {
    this.#inputs = inputs
    this.#words = words
  }

  /** False while values do not come again. */
  isWorthIt(): boolean {
    if (this.#pause > 0) {
      this.#pause--
      return false
    }
    if (this.#asked === PERIOD) {
      if (2 * this.#known < PERIOD) this.#pause = PAUSE
      this.#asked = this.#known = 0
    }
    return true
  }

  /** Masks, of which `find` returns the place. */
  get rows(): Uint32Array {
    return this.#rows
  }

  /** The place of the mask of the values of a record; -1 for new values: `keep` what they leave; -2 for values that are not remembered. */
  find(record: ScannedRecord): number {
    this.#asked++
    const hash = this.#build(record)
    if (hash < 0) return -2
    if (this.#lengths.length === 0) this.#grow()
    const entry = (this.#entry = hash & (ENTRIES - 1))
    const length = this.#length
    if (this.#lengths[entry] !== length) return -1
    const keys = this.#keys
    const key = this.#key
    for (let at = 0, from = entry * KEY_WORDS; at < length; at++, from++) if (keys[from] !== key[at]) return -1
    this.#known++
    return entry * this.#words
  }

  /** Remembers what the values that were asked for last leave. @returns the place of the mask */
  keep(rows: Uint32Array): number {
    const entry = this.#entry
    this.#keys.set(this.#key.subarray(0, this.#length), entry * KEY_WORDS)
    this.#lengths[entry] = this.#length
    this.#rows.set(rows, entry * this.#words)
    return entry * this.#words
  }

  #grow(): void {
    this.#keys = new Int32Array(ENTRIES * KEY_WORDS)
    this.#lengths = new Uint8Array(ENTRIES)
    this.#rows = new Uint32Array(ENTRIES * this.#words)
  }

  /** @returns a hash of the key; negative if it is too long */
  #build(record: ScannedRecord): number {
    const { texts, lists, numbers } = this.#inputs
    const key = this.#key
    let length = 0
    for (let index = 0; index < numbers.length; index++) {
      const slot = numbers[index] ?? 0
      const value = record.numbers[slot] ?? 0
      this.#number[0] = slot === RESULT && value > 0 && value !== Infinity ? 0 : value
      key[length++] = this.#halves[0] ?? 0
      key[length++] = this.#halves[1] ?? 0
    }
    for (let index = 0; index < texts.length; index++) {
      const slot = texts[index] ?? 0
      const start = record.texts[2 * slot] ?? 0
      length = start < 0 ? this.#addWord(length, start) : this.#addSpan(record, length, start, record.texts[2 * slot + 1] ?? 0)
      if (length < 0) return -1
    }
    for (let index = 0; index < lists.length; index++) {
      length = this.#addList(record, length, lists[index] ?? 0)
      if (length < 0) return -1
    }
    this.#length = length
    let hash = length
    for (let at = 0; at < length; at++) {
      hash = Math.imul(hash ^ (key[at] ?? 0), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash >>> 1
  }

  /** @returns -1 if there is no room */
  #addWord(length: number, word: number): number {
    if (length >= KEY_WORDS) return -1
    this.#key[length] = word
    return length + 1
  }

  /** The items as they follow each other, with what is between them, and whether the ancestors are known, without which there is no command line. */
  #addList(record: ScannedRecord, length: number, slot: number): number {
    const list = record.lists[slot]
    const isKnown = list?.isKnown === true
    const count = isKnown ? list.count : -2
    let next = this.#addWord(length, 2 * count + (record.ancestors.isKnown ? 1 : 0))
    if (list === undefined) return next
    const { spans } = list
    for (let item = 0; item < count && next >= 0; item++) next = this.#addSpan(record, next, spans[2 * item] ?? 0, spans[2 * item + 1] ?? 0)
    return next
  }

  /** @returns -1 if there is no room */
  #addSpan({ view }: ScannedRecord, length: number, start: number, end: number): number {
    const bytes = end - start
    if (length + (bytes >>> 2) + 2 > KEY_WORDS) return -1
    const key = this.#key
    let at = length
    key[at++] = bytes
    let from = start
    for (; from + 4 <= end; from += 4) key[at++] = view.getInt32(from, true)
    if (from === end) return at
    let rest = 0
    for (; from < end; from++) rest = (rest << 8) | view.getUint8(from)
    key[at++] = rest
    return at
  }
}
