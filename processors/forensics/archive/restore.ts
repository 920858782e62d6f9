// Reads a range of the archive back as records, each with its partition, time, key, value and headers.
import { BoundedCursor } from '../../../schemas/decode/bounded-cursor.js'
import type { ArchiveEntry } from '../../../schemas/generated/types.js'
import type { ArchiveTopic } from '../columns.js'
import type { ObjectStore } from '../objects/object-store.js'
import { ArchivedObject } from '../parquet/object-reader.js'
import { checkObject, entriesIn, topicOfEntry, type VerifyRange } from './verify.js'

/** A record of the archive, in its own memory. */
export interface RestoredRecord {
  readonly topic: ArchiveTopic
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
}

export interface RestoreDeps {
  readonly store: ObjectStore
  readonly signal: AbortSignal
  /** An object that is not what its entry says is left out. */
  readonly onDamaged: (entry: ArchiveEntry, what: string) => void
}

/** The records of a range in batches, of each partition in order of their offsets. */
export async function* archivedRecords(
  entries: readonly ArchiveEntry[],
  range: VerifyRange,
  deps: RestoreDeps,
): AsyncGenerator<readonly RestoredRecord[]> {
  const { fromMs = -Infinity, toMs = Infinity } = range
  for (const entry of entriesIn(entries, range)) {
    const topic = topicOfEntry(entry)
    if (topic === undefined || deps.signal.aborted) continue
    const what = await checkObject(entry, deps)
    if (what !== null) {
      deps.onDamaged(entry, what)
      continue
    }
    const object = await ArchivedObject.open(await deps.store.get(entry.object, deps.signal))
    const { partition } = entry
    for (const batch of object.batches({ topic, partition })) {
      const records: RestoredRecord[] = []
      while (batch.next()) {
        const { offset, timestampMs } = batch
        if (timestampMs < fromMs || timestampMs >= toMs) continue
        const key = batch.keyStart < 0 ? null : Buffer.from(batch.keyBytes.subarray(batch.keyStart, batch.keyEnd))
        const value = batch.valueStart < 0 ? null : Buffer.from(batch.valueBytes.subarray(batch.valueStart, batch.valueEnd))
        records.push({ topic, partition, offset, timestampMs, key, value, headers: headersOf(batch.headers) })
      }
      if (records.length > 0) yield records
    }
  }
}

/** A header of a record. */
export type RecordHeader = readonly [name: string, value: Buffer]

/**
 * The headers of a record, as they are in a batch of Kafka: a count, then for each header its name and its value, with their lengths as zigzag varints.
 * @throws Error for bytes that are no headers. A value that is null is empty here
 * @see https://kafka.apache.org/documentation/#recordheader
 */
export function headersOf(bytes: Uint8Array | null): readonly RecordHeader[] {
  if (bytes === null) return []
  const cursor = new BoundedCursor()
  cursor.load(bytes, 0, bytes.length)
  const headers: RecordHeader[] = []
  const span = (): Buffer => {
    const length = Math.max(0, cursor.int())
    cursor.fixed(length)
    return Buffer.from(bytes.subarray(cursor.position - length, cursor.position))
  }
  for (let left = cursor.int(); left > 0; left--) headers.push([span().toString('utf8'), span()])
  return headers
}
