// The processes of a row group by the bytes of their part of an event: which values they have in each column. A part is found by comparing bytes, which
// costs a fraction of walking over it. Avro values end by themselves, so bytes that begin with a known part have exactly that part.
import type { BytesColumn, PlacesColumn } from './column-builders.js'

/** Parts with the same key that are compared, the latest first. */
const MOST_CANDIDATES = 8
/** Bytes of the key: they are of name, container and path of the program. */
const KEY_BYTES = 48

interface Known {
  readonly bytes: Buffer
  /** In each column. */
  readonly places: Int32Array
}

export class ProcessMemo {
  readonly #columns: readonly PlacesColumn[]
  readonly #parts: BytesColumn
  readonly #byKey = new Map<number, Known[]>()
  #last: Known | undefined

  /**
   * @param columns of the values of processes
   * @param parts of their bytes
   */
  constructor(columns: readonly PlacesColumn[], parts: BytesColumn) {
    this.#columns = [...columns, parts]
    this.#parts = parts
  }

  /** Puts the process whose part begins at `start`, if it is known. @returns length of the part; 0 for an unknown one */
  put(row: number, bytes: Uint8Array, start: number, end: number): number {
    let known = this.#last
    if (known === undefined || !isAt(known, bytes, start, end)) {
      known = this.#byKey.get(keyOf(bytes, start, end))?.findLast((candidate) => isAt(candidate, bytes, start, end))
      if (known === undefined) return 0
      this.#last = known
    }
    const { places } = known
    for (let i = 0; i < places.length; i++) this.#columns[i]?.putPlace(row, places[i] ?? -1)
    return known.bytes.length
  }

  /** The row, which has the values already, has the process part bytes[start, end). */
  note(row: number, bytes: Uint8Array, start: number, end: number): void {
    this.#parts.put(row, bytes, start, end)
    const known = {
      bytes: Buffer.from(bytes.subarray(start, end)),
      places: Int32Array.from(this.#columns, (column) => column.placeOf(row)),
    }
    this.#last = known
    const key = keyOf(bytes, start, end)
    const candidates = this.#byKey.get(key)
    if (candidates === undefined) this.#byKey.set(key, [known])
    else {
      candidates.push(known)
      if (candidates.length > MOST_CANDIDATES) candidates.shift()
    }
  }

  clear(): void {
    this.#byKey.clear()
    this.#last = undefined
  }
}

function isAt({ bytes: part }: Known, bytes: Uint8Array, start: number, end: number): boolean {
  return start + part.length <= end && part.compare(bytes, start, start + part.length) === 0
}

function keyOf(bytes: Uint8Array, start: number, end: number): number {
  let key = 0
  for (let i = start, to = Math.min(start + KEY_BYTES, end); i < to; i++) key = (Math.imul(key, 31) + (bytes[i] ?? 0)) | 0
  return key
}
