// Reads the checkpoint of an earlier collector: the state, and the steps to the position where that collector ended.
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OWN_FILE } from '../../infra/process/state-folder.js'
import { readAdvance, FRAME, framesOf, readState, type SavedState } from './checkpoint-file.js'

/** A loaded checkpoint. */
export interface LoadedCheckpoint {
  readonly state: SavedState
  /** Whole records of the security ring between the state and the position, in order, after ring headers. */
  readonly records: readonly Uint8Array[]
  readonly securityPosition: number
  readonly bulkPosition: number
  /** Records before the positions per account, and lost ones among them. */
  readonly settled: ReadonlyMap<number, number>
  readonly dropped: ReadonlyMap<number, number>
}

function readOwnFile(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY | OWN_FILE)
  try {
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** The checkpoint of the rings created at `epochUs`. */
export function checkpointFile(stateFolder: string, epochUs: number): string {
  return join(stateFolder, 'checkpoints', String(epochUs))
}

/** @returns null when there is no readable checkpoint: then the collector knows only the running processes */
export function loadCheckpoint(path: string, bootId: string, epochUs: number): LoadedCheckpoint | null {
  let file: Buffer
  try {
    file = readOwnFile(path)
  } catch {
    return null
  }
  const frames = framesOf(file)
  const first = frames.next()
  const state = first.done !== true && first.value.type === FRAME.state ? readState(first.value.payload) : null
  if (state === null || state.bootId !== bootId || state.epochUs !== epochUs) return null
  const records: Uint8Array[] = []
  const settled = new Map<number, number>()
  let dropped = new Map<number, number>()
  let [securityPosition, bulkPosition] = [-1, -1]
  for (const { type, payload } of frames) {
    const advance = type === FRAME.advance ? readAdvance(payload) : null
    if (advance === null) break
    records.push(advance.records)
    ;({ securityPosition, bulkPosition } = advance)
    for (const [account, count] of pairs(advance.settled)) settled.set(account, (settled.get(account) ?? 0) + count)
    dropped = new Map(pairs(advance.dropped))
  }
  return securityPosition < 0 ? null : { state, records, securityPosition, bulkPosition, settled, dropped }
}

function* pairs(numbers: readonly number[]): Generator<readonly [account: number, count: number]> {
  for (let at = 0; at + 1 < numbers.length; at += 2) yield [numbers[at] ?? 0, numbers[at + 1] ?? 0]
}
