// How far both rings were freed in one step, what that settled, and the records of the security ring that went with it, as bytes.
// These records rebuild what the process table and the cgroups knew; the ring itself has no place for them any more.

/** One step. */
export interface Advance {
  readonly securityPosition: number
  readonly bulkPosition: number
  /** Records per account of the ledger, pairs of account and count: those of this step. */
  readonly settled: readonly number[]
  /** Records that the collector lost, pairs of account and count: all since the creation of the counters. */
  readonly dropped: readonly number[]
  /** Whole records behind ring headers. */
  readonly records: Uint8Array
}

const NUMBER_BYTES = 8

/** Payload of its frame, in parts. */
export function advanceBytes(advance: Advance): readonly Uint8Array[] {
  const { securityPosition, bulkPosition, settled, dropped, records } = advance
  const numbers = Float64Array.of(securityPosition, bulkPosition, settled.length, dropped.length, ...settled, ...dropped)
  return [new Uint8Array(numbers.buffer), records]
}

/** Reads what `advanceBytes` gave. @returns null when it is none */
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
