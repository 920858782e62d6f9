// Stores on disk what the next collector needs to continue where this one ends. It is written before a ring is freed, so it never lags.
// A file begins with a state, followed by a frame per step of the rings. When it is long, a new state is taken and, once the rings are freed up to
// that point, replaces the file. Not synced: a kill keeps the page cache, and a crash of the host loses the rings as well.
import { closeSync, constants, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeOwnFolder, OWN_FILE } from '../../infra/process/state-folder.js'
import { EventHeader } from '../ring-events/event-header.js'
import { RING, type RingIndex, type RingSlice } from '../source/event-source.js'
import { framedLength, recordLength, RING_DISCARDED, RING_HEADER_BYTES } from '../source/ring-framing.js'
import { advanceBytes, type Advance, FRAME, frameBytes, stateBytes, type SavedState } from './checkpoint-file.js'

/** A longer file is rewritten. */
const LONG_BYTES = 8 << 20
/** Most bytes of a file. A file that can't be rewritten (a topic is blocked) ends here, and a later start knows no more. */
const MAX_BYTES = 128 << 20

/** Positions of both rings. */
export type Positions = readonly [security: number, bulk: number]

/** Dependencies of a checkpoint. */
export interface CheckpointDeps {
  readonly path: string
  readonly state: () => SavedState
  /** Positions up to which records were handled; the state matches them. */
  readonly handled: () => Positions
  readonly accountOf: (kind: number, cpu: number) => number
  readonly lostPairs: () => readonly number[]
  /** Called once when a write fails. */
  readonly onFailure: (error: unknown) => void
}

/** A new state, until the rings are freed up to it. */
interface Begun {
  readonly state: Uint8Array
  readonly at: Positions
  records: Uint8Array[]
}

/** @see CheckpointDeps */
export class Checkpoint {
  readonly #deps: CheckpointDeps
  readonly #header = new EventHeader()
  readonly #settled: Map<number, number>
  #positions: [security: number, bulk: number]
  #begun: Begun | null = null
  #file = -1
  #length = 0
  #hasFailed = false

  /** @param settled records per account before `positions` */
  constructor(deps: CheckpointDeps, positions: Positions, settled: ReadonlyMap<number, number>) {
    this.#deps = deps
    this.#positions = [...positions]
    this.#settled = new Map(settled)
    this.#begin()
    this.#replace()
  }

  /** Records a step before a ring is freed over `slice`, up to `position`. */
  advance(ring: RingIndex, position: number, slice: RingSlice): void {
    const settled = this.#count(slice)
    const isSecurity = ring === RING.security
    const records = isSecurity ? slice.bytes.subarray(slice.start, slice.end) : new Uint8Array(0)
    if (isSecurity) this.#rememberFrom(records, this.#positions[RING.security])
    this.#positions[ring] = position
    if (this.#file >= 0) this.#append(this.#step(settled, records))
    if (this.#begun !== null && this.#begun.at.every((at, index) => (this.#positions[index] ?? 0) >= at)) this.#replace()
  }

  /** Starts a rewrite when the file is long, or missing. Called between batches. */
  keepHouse(): void {
    if (this.#begun === null && (this.#file < 0 || this.#length > LONG_BYTES)) this.#begin()
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file)
    this.#file = -1
  }

  #begin(): void {
    const handled = this.#deps.handled()
    const at: Positions = [Math.max(handled[0], this.#positions[0]), Math.max(handled[1], this.#positions[1])]
    this.#begun = { state: stateBytes(this.#deps.state()), at, records: [] }
  }

  /** Records after the new state belong to it too. */
  #rememberFrom(records: Uint8Array, start: number): void {
    const begun = this.#begun
    if (begun === null) return
    const skipped = Math.max(0, begun.at[RING.security] - start)
    if (skipped < records.length) begun.records.push(records.slice(skipped))
    // The other ring is not freed: give up the rewrite at this size.
    if (begun.records.reduce((bytes, { length }) => bytes + length, 0) > LONG_BYTES) this.#begun = null
  }

  #replace(): void {
    const begun = this.#begun
    this.#begun = null
    if (begun === null) return
    const { path } = this.#deps
    const aside = `${path}.new`
    try {
      makeOwnFolder(dirname(path))
      const file = openSync(aside, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | OWN_FILE, 0o600)
      const all = [...this.#settled].flat()
      const bytes = Buffer.concat([frameBytes(FRAME.state, [begun.state]), this.#step(all, Buffer.concat(begun.records))])
      writeWhole(file, bytes)
      renameSync(aside, path)
      this.close()
      this.#file = file
      this.#length = bytes.length
    } catch (error) {
      this.#fail(error)
    }
  }

  #append(bytes: Buffer): void {
    try {
      if (this.#length + bytes.length > MAX_BYTES) throw new Error('the checkpoint is at its bound')
      writeWhole(this.#file, bytes)
      this.#length += bytes.length
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Leaves the file incomplete; the next start detects that by its positions. */
  #fail(error: unknown): void {
    this.close()
    if (!this.#hasFailed) this.#deps.onFailure(error)
    this.#hasFailed = true
  }

  #step(settled: readonly number[], records: Uint8Array): Buffer {
    const [securityPosition, bulkPosition] = this.#positions
    const advance: Advance = { securityPosition, bulkPosition, settled, dropped: this.#deps.lostPairs(), records }
    return frameBytes(FRAME.advance, advanceBytes(advance))
  }

  #count({ view, start, end }: RingSlice): number[] {
    const counts = new Map<number, number>()
    for (let at = start; at < end; at += framedLength(view.getUint32(at, true))) {
      const frame = view.getUint32(at, true)
      if ((frame & RING_DISCARDED) !== 0 || !this.#header.read(view, at + RING_HEADER_BYTES, recordLength(frame))) continue
      const account = this.#deps.accountOf(this.#header.kind, this.#header.cpu)
      if (account >= 0) counts.set(account, (counts.get(account) ?? 0) + 1)
    }
    for (const [account, count] of counts) this.#settled.set(account, (this.#settled.get(account) ?? 0) + count)
    return [...counts].flat()
  }
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written)
}
