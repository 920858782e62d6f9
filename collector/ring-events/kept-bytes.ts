// Copies of bytes that come again and again: equal ones share one copy, so that most records of processes need none. Bounded: of others at the same
// place, the older copy is no longer shared.
import { copyBytes } from './record-texts.js'

/** A power of two. */
const PLACES = 1024
/** Longer bytes are seldom equal. */
const MOST_BYTES = 1024

/** Shares copies; whoever gets one must not change it. */
export class KeptBytes {
  readonly #copies = new Array<Uint8Array | null>(PLACES).fill(null)

  #room = new Uint8Array(MOST_BYTES)

  /** Room for bytes that are put together before they are copied: valid until the next call. */
  room(length: number): Uint8Array {
    if (length > this.#room.length) this.#room = new Uint8Array(length)
    return this.#room
  }

  /** A copy of source[start, end). */
  of(source: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start
    if (length > MOST_BYTES) return copyBytes(source, start, end)
    let hash = length
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (source[at] ?? 0), 0x01000193)
    const place = (hash ^ (hash >>> 15)) & (PLACES - 1)
    const known = this.#copies[place] ?? null
    if (known !== null && known.length === length && isAt(known, source, start)) return known
    return (this.#copies[place] = copyBytes(source, start, end))
  }
}

function isAt(known: Uint8Array, source: Uint8Array, start: number): boolean {
  for (let at = 0; at < known.length; at++) if (known[at] !== source[start + at]) return false
  return true
}
