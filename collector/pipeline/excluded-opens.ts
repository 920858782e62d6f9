// Remembers opens that no rule can match, by all that their events are made of but CPU, number and time: an equal one is not even encoded. Compared as a
// whole, so that nothing is taken for anything else. Bounded: of others at the same place, the older one is forgotten.
import { EVENT_HEADER } from '../../native/generated/layout.js'
import type { EncodedProcess } from '../processes/encoded-process.js'
import type { CurrentRecord } from './event-context.js'

/** A power of two. */
const PLACES = 1024
/** Longest part of a record that is remembered, in words of four bytes. */
const MOST_WORDS = 96

/** The opens of one host. */
export class ExcludedOpens {
  readonly #processes = new Array<EncodedProcess | null>(PLACES).fill(null)
  readonly #lengths = new Uint16Array(PLACES)
  #words = new Int32Array(0)
  readonly #key = new Int32Array(MOST_WORDS)
  #judge: object | null = null
  #place = -1
  #length = 0

  /**
   * Whether an equal open was excluded. If not, `keep` remembers this one.
   * @param process who opened the file, with everything that was said of it; what comes before the thread in the header is part of it
   * @param isPlain the path lies where its mount says: the only thing of the event that is neither in the record nor of the process
   * @param judge by what it was excluded: another one forgets all
   */
  has({ view, at, length }: CurrentRecord, process: EncodedProcess, isPlain: boolean, judge: object): boolean {
    this.#place = -1
    if (judge !== this.#judge) this.#forget(judge)
    const from = at + EVENT_HEADER.tid
    const bytes = at + length - from
    if (bytes > 4 * (MOST_WORDS - 1)) return false
    const key = this.#key
    let words = 1
    let hash = (key[0] = 2 * bytes + (isPlain ? 1 : 0))
    let next = from
    for (const whole = from + (bytes & ~3); next < whole; next += 4) {
      const word = view.getInt32(next, true)
      key[words++] = word
      hash = Math.imul(hash ^ word, 0x9e3779b1)
      hash ^= hash >>> 15
    }
    let rest = 0
    for (; next < from + bytes; next++) rest = (rest << 8) | view.getUint8(next)
    key[words++] = rest
    this.#length = words
    const place = (hash ^ rest) & (PLACES - 1)
    this.#place = place
    return this.#processes[place] === process && this.#lengths[place] === words && this.#isAt(place, words)
  }

  /** Remembers the open that was asked for last. */
  keep(process: EncodedProcess): void {
    if (this.#place < 0) return
    if (this.#words.length === 0) this.#words = new Int32Array(PLACES * MOST_WORDS)
    this.#words.set(this.#key.subarray(0, this.#length), this.#place * MOST_WORDS)
    this.#processes[this.#place] = process
    this.#lengths[this.#place] = this.#length
  }

  #isAt(place: number, length: number): boolean {
    const words = this.#words
    const key = this.#key
    for (let at = 0, from = place * MOST_WORDS; at < length; at++, from++) if (words[from] !== key[at]) return false
    return true
  }

  #forget(judge: object): void {
    this.#judge = judge
    this.#processes.fill(null)
  }
}
