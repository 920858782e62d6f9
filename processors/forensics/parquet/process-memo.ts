// The processes of a row group by the bytes of their part of an event: which values they have in each column. A part is found by comparing bytes, which
// costs a fraction of walking over it. Avro values end by themselves, so bytes that begin with a known part have exactly that part.
//
// Parts of one program begin alike for hundreds of bytes, and differ in the pid, whose place depends on the texts before it. So parts are grouped by their
// first bytes; a group knows at which places its parts have the pid, and finds a part by the bytes there.
import { type BytesColumn, GROUP_ROWS, type PlacesColumn } from './column-builders.js'

/** Bytes by which parts are grouped: they are of name, container and path of the program. */
const HEAD_BYTES = 48
/** Bytes from the pid on, by which the parts of a group are found: the pid, and when the process started. */
const PID_BYTES = 12
/** Places of the pid that a group knows, at most. */
const MOST_PLACES = 8
const NONE = -1

interface Group {
  readonly pidAt: number[]
  /** Place of the part in the column of parts. */
  readonly byPid: Map<number, number>
}

export class ProcessMemo {
  readonly #columns: readonly PlacesColumn[]
  readonly #parts: BytesColumn
  readonly #groups = new Map<number, Group>()
  /** Of each known part, its places in the columns, one after the other. */
  readonly #places: number[] = []
  /** The part of each row; below zero for none. */
  readonly #ofRow = new Int32Array(GROUP_ROWS).fill(NONE)
  #last = NONE

  /**
   * @param columns of the values of processes
   * @param parts of their bytes
   */
  constructor(columns: readonly PlacesColumn[], parts: BytesColumn) {
    this.#columns = [...columns, parts]
    this.#parts = parts
  }

  /** The row has the process whose part begins at `start`, if it is known. @returns length of the part; 0 for an unknown one */
  put(row: number, bytes: Uint8Array, start: number, end: number): number {
    const part = this.#find(bytes, start, end)
    if (part === NONE) return 0
    this.#last = part
    this.#ofRow[row] = part
    return this.#parts.dictionary.lengthOf(part)
  }

  /** The row, which has the values already, has the process part bytes[start, end), with the pid at `pidAt`. */
  note(row: number, bytes: Uint8Array, start: number, end: number, pidAt: number): void {
    const part = this.#parts.dictionary.append(bytes, start, end)
    this.#parts.putPlace(row, part)
    for (const column of this.#columns) this.#places.push(column.placeOf(row))
    this.#last = part
    this.#ofRow[row] = part
    const head = hashOf(bytes, start, Math.min(start + HEAD_BYTES, end))
    let group = this.#groups.get(head)
    if (group === undefined) this.#groups.set(head, (group = { pidAt: [], byPid: new Map<number, number>() }))
    const at = pidAt - start
    if (!group.pidAt.includes(at)) {
      if (group.pidAt.length >= MOST_PLACES) return
      group.pidAt.push(at)
    }
    group.byPid.set(hashOf(bytes, pidAt, pidAt + PID_BYTES), part)
  }

  /** The row has no process. */
  clearRow(row: number): void {
    this.#ofRow[row] = NONE
  }

  /** Puts the processes of rows [0, rows) into the columns, and forgets them. */
  finish(rows: number): void {
    const width = this.#columns.length
    const places = Int32Array.from(this.#places)
    for (const [at, column] of this.#columns.entries()) column.putPlaces(this.#ofRow, rows, { places, at, width })
    this.#ofRow.fill(NONE, 0, rows)
    this.#groups.clear()
    this.#places.length = 0
    this.#last = NONE
  }

  #find(bytes: Uint8Array, start: number, end: number): number {
    if (this.#last !== NONE && this.#isAt(this.#last, bytes, start, end)) return this.#last
    const group = this.#groups.get(hashOf(bytes, start, Math.min(start + HEAD_BYTES, end)))
    if (group === undefined) return NONE
    for (const at of group.pidAt) {
      const part = group.byPid.get(hashOf(bytes, start + at, start + at + PID_BYTES))
      if (part !== undefined && this.#isAt(part, bytes, start, end)) return part
    }
    return NONE
  }

  #isAt(part: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { dictionary } = this.#parts
    const to = start + dictionary.lengthOf(part)
    return to <= end && dictionary.isAt(part, bytes, start, to)
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i] ?? 0)) | 0
  return hash
}
