// The entries of the archive: which objects belong to it, and which offsets are read from which of them.
import type { RangeReader } from '../../../infra/topic-log/range-reader.js'
import type { Codec } from '../../../schemas/codec.js'
import type { ArchiveEntry } from '../../../schemas/generated/types.js'
import { decodeLearned } from '../../runtime/decode-learned.js'

/** Offsets [from, to) of a partition that are read from one object. */
export interface ArchivePiece {
  readonly from: number
  readonly to: number
  readonly entry: ArchiveEntry
}

/** The latest entry of each object that was not removed, by topic name, partition and offset. @throws KafkaTopicError and others of RangeReader */
export async function readArchiveEntries(ranges: RangeReader, codec: Codec, signal: AbortSignal): Promise<readonly ArchiveEntry[]> {
  const entries = new Map<string, ArchiveEntry>()
  for (const { topic, partition, first, end } of await ranges.bounds(['archive'])) {
    const range = { topic, partition, from: first, to: end }
    for await (const batch of ranges.read(range, { signal, onDamaged: () => undefined })) {
      while (batch.next()) {
        const name = Buffer.from(batch.keyBytes.subarray(batch.keyStart, batch.keyEnd)).toString()
        if (batch.valueStart < 0) entries.delete(name)
        else entries.set(name, await decodeLearned('archive', batch, codec))
      }
    }
  }
  return [...entries.values()].sort(
    (a, b) => compare(a.topic, b.topic) || a.partition - b.partition || a.firstOffset - b.firstOffset || compare(a.object, b.object),
  )
}

/** Each offset of the entries of one partition from exactly one object: while the ranges of entries overlap, the one that reaches farthest. */
export function piecesOf(entries: readonly ArchiveEntry[]): readonly ArchivePiece[] {
  const sorted = entries.toSorted((a, b) => a.firstOffset - b.firstOffset || b.nextOffset - a.nextOffset || compare(a.object, b.object))
  const pieces: ArchivePiece[] = []
  let position = 0
  for (const entry of sorted) {
    const from = Math.max(entry.firstOffset, position)
    if (entry.nextOffset <= from) continue
    pieces.push({ from, to: entry.nextOffset, entry })
    position = entry.nextOffset
  }
  return pieces
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
