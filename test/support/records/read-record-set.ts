// Reads a whole record set, for tests.
import { FetchedRecords } from '../../../infra/kafka/fetch/fetched-records.js'
import { HeldBytes } from '../../../infra/kafka/fetch/held-bytes.js'
import { readBatches } from '../../../infra/kafka/fetch/read-batches.js'
import { RecordSet, type RecordSetSource } from '../../../infra/kafka/fetch/record-set.js'
import type { RecordBatch } from '../../../infra/topic-log/topic-log.js'

/** A record as text. */
export interface SeenRecord {
  readonly offset: number
  readonly timestampMs: number
  readonly key: string | null
  readonly value: string | null
}

/** What a set yields. */
export interface SeenSet {
  readonly records: readonly SeenRecord[]
  readonly nextOffset: number
  readonly damage: string | undefined
  /** Offset after the damaged batch, if its header is plausible. */
  readonly damagedTo: number | undefined
}

const spanText = (bytes: Uint8Array, start: number, end: number): string | null =>
  start < 0 ? null : Buffer.from(bytes.subarray(start, end)).toString('latin1')

export function seenRecords(batch: RecordBatch): SeenRecord[] {
  const seen: SeenRecord[] = []
  while (batch.next()) {
    const key = spanText(batch.keyBytes, batch.keyStart, batch.keyEnd)
    const value = spanText(batch.valueBytes, batch.valueStart, batch.valueEnd)
    seen.push({ offset: batch.offset, timestampMs: batch.timestampMs, key, value })
  }
  return seen
}

/** Reads in steps of about `stepBytes` unpacked bytes. */
export async function readSet(
  bytes: Buffer,
  source: Partial<RecordSetSource> = {},
  held = new HeldBytes(64 * 1024 * 1024),
  stepBytes = 1_000_000,
): Promise<SeenSet> {
  const set = new RecordSet({ bytes, position: 0, highWatermark: Number.MAX_SAFE_INTEGER, aborted: [], ...source })
  const records: SeenRecord[] = []
  while (set.damage === undefined && !set.isAtEnd) {
    const { parts, unpackedBytes } = await readBatches(set, held, stepBytes, new AbortController().signal)
    const [first, ...rest] = parts
    if (first === undefined) continue
    const batch = new FetchedRecords('file', 0, [first, ...rest], () => held.giveUnpacked(unpackedBytes))
    const seen = seenRecords(batch)
    if (seen.length !== batch.length || seen[0]?.offset !== batch.firstOffset || seen.at(-1)?.offset !== batch.lastOffset)
      throw new Error('the batch does not contain what it states')
    for (const record of seen) records.push(record)
    batch.release()
  }
  return { records, nextOffset: set.position, damage: set.damage?.reason, damagedTo: set.damage?.nextOffset }
}
