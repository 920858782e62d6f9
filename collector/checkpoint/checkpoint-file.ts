// Frames of a checkpoint file: a type, a payload, its checksum. Bytes after the last whole frame, as after a kill or a full disk, are ignored.
import { crc32 } from 'node:zlib'
import { deserialize, serialize } from 'node:v8'
import type { CgroupState } from '../containers/cgroups/cgroup-tree.js'
import type { TableState } from '../processes/table-state.js'

/** First the state at two positions, then the steps from there. */
export const FRAME = { state: 1, advance: 2 } as const

/** Header: u32 magic, u32 type, u32 length of the payload, u32 CRC-32 of the payload; little endian. */
const HEADER_BYTES = 16
const MAGIC = 0x504b4345

/** One frame. */
interface CheckpointFrame {
  readonly type: number
  readonly payload: Buffer
}

/** Bytes of a frame whose payload is the concatenation of `parts`. */
export function frameBytes(type: number, parts: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(parts)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32LE(MAGIC, 0)
  header.writeUInt32LE(type, 4)
  header.writeUInt32LE(payload.length, 8)
  header.writeUInt32LE(crc32(payload), 12)
  return Buffer.concat([header, payload])
}

/** Yields the whole frames from the beginning. */
export function* framesOf(file: Buffer): Generator<CheckpointFrame> {
  for (let at = 0; at + HEADER_BYTES <= file.length;) {
    const end = at + HEADER_BYTES + file.readUInt32LE(at + 8)
    if (file.readUInt32LE(at) !== MAGIC || end > file.length) return
    const payload = file.subarray(at + HEADER_BYTES, end)
    if (crc32(payload) !== file.readUInt32LE(at + 12)) return
    yield { type: file.readUInt32LE(at + 4), payload }
    at = end
  }
}

/** Incremented with every change of the state or of the kinds of the ledger, which number its accounts. */
const VERSION = 7

/** State at a position of the security ring. */
export interface SavedState {
  readonly bootId: string
  /** Creation of the rings, Unix time in microseconds. */
  readonly epochUs: number
  readonly table: TableState
  readonly cgroups: CgroupState
}

/** Bytes of a state. */
export function stateBytes(state: SavedState): Uint8Array {
  return serialize({ version: VERSION, ...state })
}

/** @returns null for bytes that are not a state of this version; the callers validate table and cgroups */
export function readState(bytes: Buffer): SavedState | null {
  try {
    const state = deserialize(bytes) as Partial<SavedState & { version: number }>
    const isOurs = state.version === VERSION && typeof state.bootId === 'string' && typeof state.epochUs === 'number'
    return isOurs && Array.isArray(state.table?.processes) && Array.isArray(state.cgroups) ? (state as SavedState) : null
  } catch {
    return null
  }
}

/** One step. */
export interface Advance {
  readonly securityPosition: number
  readonly bulkPosition: number
  /** Records per account of the ledger, pairs of account and count: those of this step. */
  readonly settled: readonly number[]
  /** Records that the collector lost, pairs of account and count: all since the creation of the counters. */
  readonly dropped: readonly number[]
  /** Whole records after ring headers. */
  readonly records: Uint8Array
}

const NUMBER_BYTES = 8

/** Payload of its frame, in parts. */
export function advanceBytes(advance: Advance): readonly Uint8Array[] {
  const { securityPosition, bulkPosition, settled, dropped, records } = advance
  const numbers = Float64Array.of(securityPosition, bulkPosition, settled.length, dropped.length, ...settled, ...dropped)
  return [new Uint8Array(numbers.buffer), records]
}

/** Reads the bytes of `advanceBytes`. @returns null for other bytes */
export function readAdvance(payload: Buffer): Advance | null {
  const numberAt = (index: number): number => payload.readDoubleLE(index * NUMBER_BYTES)
  if (payload.length < 4 * NUMBER_BYTES) return null
  const [settledCount, droppedCount] = [numberAt(2), numberAt(3)]
  const end = 4 + settledCount + droppedCount
  if (!(end >= 4 && end * NUMBER_BYTES <= payload.length)) return null
  const numbers = Array.from({ length: end }, (_, index) => numberAt(index))
  return {
    securityPosition: numbers[0] ?? 0,
    bulkPosition: numbers[1] ?? 0,
    settled: numbers.slice(4, 4 + settledCount),
    dropped: numbers.slice(4 + settledCount),
    records: payload.subarray(end * NUMBER_BYTES),
  }
}
