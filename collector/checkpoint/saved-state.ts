// What a checkpoint begins with: whose it is, the process table and the cgroups. As bytes by V8's serializer, which keeps what is shared shared.
import { deserialize, serialize } from 'node:v8'
import type { CgroupState } from '../containers/cgroups/cgroup-state.js'
import type { TableState } from '../processes/table-state.js'

/** Grows with every change of the state, and of the kinds of the ledger: its accounts are numbered by them. */
const VERSION = 5

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

/** @returns null for bytes that are no state of this version; what stands in table and cgroups is checked by those who take it */
export function readState(bytes: Buffer): SavedState | null {
  try {
    const state = deserialize(bytes) as Partial<SavedState & { version: number }>
    const isOurs = state.version === VERSION && typeof state.bootId === 'string' && typeof state.epochUs === 'number'
    return isOurs && Array.isArray(state.table?.processes) && Array.isArray(state.cgroups) ? (state as SavedState) : null
  } catch {
    return null
  }
}
