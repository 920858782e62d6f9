// Remembers values of a record by every byte and number that they are made of, compared as a whole, so that nothing is taken for anything else. Bounded:
// of more values than it has places, the older ones are forgotten.
import { numberSlot } from '../fields/bytes/record-slots.js'
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'

/** What values are made of, by slot. */
export interface KeyInputs {
  readonly texts: readonly number[]
  readonly lists: readonly number[]
  /** At most 16. */
  readonly numbers: readonly number[]
}

const RESULT = numberSlot('result')
/** Default length of the longest key. */
const KEY_WORDS = 96

/** Gives each combination of values a place. */
export class RecordKeys {
  readonly #inputs: KeyInputs
  /** A power of two. */
  readonly #places: number
  readonly #keyWords: number
  readonly #key: Int32Array
  readonly #number = new Float64Array(1)
  readonly #halves = new Int32Array(this.#number.buffer)
  #keys = new Int32Array(0)
  #lengths = new Uint8Array(0)
  #length = 0
  #place = 0
  /** The next of two places to be given to other values. */
  #isSecond = 0

  /**
   * @param places a power of two. Values can be at either of two of them, so that those that share one do not displace each other
   * @param keyWords length of the longest key, in words of four bytes, with one or two for each text; longer ones are not remembered
   */
  constructor(inputs: KeyInputs, places: number, keyWords = KEY_WORDS) {
    this.#inputs = inputs
    this.#places = places
    this.#keyWords = keyWords
    this.#key = new Int32Array(keyWords)
  }

  /** The place of the values of a record; -1 for new values: `keep` them; -2 for values that are not remembered. */
  find(record: ScannedRecord): number {
    const hash = this.#build(record)
    if (hash < 0) return -2
    if (this.#lengths.length === 0) this.#grow()
    const place = hash & (this.#places - 1)
    if (this.#isAt(place)) return place
    const other = place ^ 1
    if (this.#isAt(other)) return other
    this.#place = this.#lengths[place] === 0 ? place : this.#lengths[other] === 0 ? other : place ^ (this.#isSecond ^= 1)
    return -1
  }

  /** Remembers the values that were asked for last. @returns their place */
  keep(): number {
    const place = this.#place
    this.#keys.set(this.#key.subarray(0, this.#length), place * this.#keyWords)
    this.#lengths[place] = this.#length
    return place
  }

  /** Forgets all values. */
  clear(): void {
    this.#lengths.fill(0)
  }

  #isAt(place: number): boolean {
    const length = this.#length
    if (this.#lengths[place] !== length) return false
    const keys = this.#keys
    const key = this.#key
    for (let at = 0, from = place * this.#keyWords; at < length; at++, from++) if (keys[from] !== key[at]) return false
    return true
  }

  #grow(): void {
    this.#keys = new Int32Array(this.#places * this.#keyWords)
    this.#lengths = new Uint8Array(this.#places)
  }

  /** @returns a hash of the key; negative if it is too long */
  #build(record: ScannedRecord): number {
    const { texts, lists } = this.#inputs
    let length = this.#addNumbers(record)
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
    const key = this.#key
    let hash = length
    for (let at = 0; at < length; at++) {
      hash = Math.imul(hash ^ (key[at] ?? 0), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash >>> 1
  }

  /** A word for each number, after one that has two bits for each, about their kinds: nearly all are integers of 32 bits. */
  #addNumbers(record: ScannedRecord): number {
    const { numbers } = this.#inputs
    const key = this.#key
    let length = 1
    let kinds = 0
    for (let index = 0; index < numbers.length; index++) {
      const slot = numbers[index] ?? 0
      const own = record.numbers[slot] ?? 0
      const value = slot === RESULT && own > 0 && own !== Infinity ? 0 : own
      const whole = value | 0
      kinds <<= 2
      if (whole === value) key[length++] = whole
      else if (Number.isNaN(value)) kinds |= 1
      else {
        this.#number[0] = value
        kinds |= 2
        key[length++] = this.#halves[0] ?? 0
        key[length++] = this.#halves[1] ?? 0
      }
    }
    key[0] = kinds
    return length
  }

  /** @returns -1 if there is no room */
  #addWord(length: number, word: number): number {
    if (length >= this.#keyWords) return -1
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
    if (length + (bytes >>> 2) + 2 > this.#keyWords) return -1
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
