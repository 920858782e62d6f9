// Reads on in a record set: checks the records of its visible batches, and unpacks compressed ones within the bound of the fetcher's memory.
import { messageOf } from '../../process/errors.js'
import { BATCH_HEADER_BYTES } from '../batch-layout.js'
import { unpackedBytesOf, unpackRecords } from '../compression.js'
import type { HeldBytes } from './held-bytes.js'
import type { RecordSet, SetBatch } from './record-set.js'
import { type CheckedRecords, checkRecords } from './record-walk.js'

/** Checked batches in offset order. */
export interface ReadBatches {
  readonly parts: readonly CheckedRecords[]
  /** Room that is taken for unpacked records. */
  readonly unpackedBytes: number
  /** True if records lie in the answer itself. */
  readonly isInFrame: boolean
}

/**
 * Reads on until more than about `mostUnpacked` bytes would be unpacked, until damage, or to the end of the set. Waits for room only while it
 * holds none. Rejects with the reason of the signal.
 */
export async function readBatches(set: RecordSet, held: HeldBytes, mostUnpacked: number, signal: AbortSignal): Promise<ReadBatches> {
  const parts: CheckedRecords[] = []
  let unpackedBytes = 0
  let isInFrame = false
  for (let batch = set.nextVisible(); batch !== undefined; batch = set.nextVisible()) {
    try {
      if (batch.codec === 0) {
        const part = checkRecords(set.bytes, batch.at + BATCH_HEADER_BYTES, batch.end, batch, set.position)
        if (part !== null) parts.push(part)
        isInFrame ||= part !== null
      } else {
        const packed = set.bytes.subarray(batch.at + BATCH_HEADER_BYTES, batch.end)
        const size = unpackedBytesOf(batch.codec, packed, held.mostUnpacked)
        if (parts.length > 0 && (unpackedBytes + size > mostUnpacked || !held.tryTakeUnpacked(size))) break
        if (parts.length === 0) await held.takeUnpacked(size, signal)
        const part = await unpackedPart(batch, packed, size, held, set.position)
        if (part !== null) parts.push(part)
        unpackedBytes += part?.bytes.length ?? 0
      }
    } catch (error) {
      if (signal.aborted) {
        held.giveUnpacked(unpackedBytes)
        throw error
      }
      set.damaged(messageOf(error), batch.end)
      break
    }
    set.pass(batch)
  }
  return { parts, unpackedBytes, isInFrame }
}

// The room of `size` is taken; what is kept of it is the length of the result's bytes.
async function unpackedPart(batch: SetBatch, packed: Buffer, size: number, held: HeldBytes, from: number): Promise<CheckedRecords | null> {
  let part: CheckedRecords | null = null
  try {
    const plain = await unpackRecords(batch.codec, packed, size)
    part = checkRecords(plain, 0, plain.length, batch, from)
    return part
  } finally {
    held.giveUnpacked(size - (part?.bytes.length ?? 0))
  }
}
