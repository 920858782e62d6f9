// The entries of the archive: which objects belong to it, and which offsets are read from which of them.
import { isRetryable, messageOf } from '../../../infra/process/errors.js'
import type { RangeReader } from '../../../infra/topic-log/range-reader.js'
import type { DamagedBatch, OffsetRange } from '../../../infra/topic-log/topic-log.js'
import type { Codec } from '../../../schemas/codec.js'
import type { ArchiveEntry } from '../../../schemas/generated/types.js'
import { decodeLearned } from '../../runtime/decode-learned.js'

/** Offsets [from, to) of a partition that are read from one object. */
export interface ArchivePiece {
  readonly from: number
  readonly to: number
  readonly entry: ArchiveEntry
}

/**
 * The latest entry of each object that was not removed, by topic name, partition and offset.
 * @param onUnread called for records of the topic that can't be read: what they say of the archive is not known
 * @throws KafkaTopicError and others of RangeReader
 */
export async function readArchiveEntries(
  ranges: RangeReader,
  codec: Codec,
  signal: AbortSignal,
  onUnread: (what: string) => void,
): Promise<readonly ArchiveEntry[]> {
  const entries = new Map<string, ArchiveEntry>()
  for (const { topic, partition, first, end } of await ranges.bounds(['archive'])) {
    const range = { topic, partition, from: first, to: end }
    const onDamaged = ({ firstOffset, lastOffset, reason }: DamagedBatch): void =>
      onUnread(`offsets ${String(firstOffset)} to ${String(lastOffset)} of partition ${String(partition)}: ${reason}`)
    for await (const batch of ranges.read(range, { signal, onDamaged })) {
      while (batch.next()) {
        const name = Buffer.from(batch.keyBytes.subarray(Math.max(0, batch.keyStart), Math.max(0, batch.keyEnd))).toString()
        if (batch.valueStart < 0) {
          entries.delete(name)
          continue
        }
        try {
          entries.set(name, await decodeLearned('archive', batch, codec))
        } catch (error) {
          if (isRetryable(error)) throw error
          onUnread(`offset ${String(batch.offset)} of partition ${String(partition)}: ${messageOf(error)}`)
        }
      }
    }
  }
  return [...entries.values()].sort(
    (a, b) => compare(a.topic, b.topic) || a.partition - b.partition || a.firstOffset - b.firstOffset || compare(a.object, b.object),
  )
}

/**
 * Each offset of the entries of one partition from exactly one object. Where ranges overlap, one with a record wins over a gap, and then the latest entry:
 * the topic may have been created again.
 */
export function piecesOf(entries: readonly ArchiveEntry[]): readonly ArchivePiece[] {
  const sorted = entries.toSorted((a, b) => a.firstOffset - b.firstOffset || b.nextOffset - a.nextOffset || compare(a.object, b.object))
  const clusters: ArchiveEntry[][] = []
  let end = -1
  for (const entry of sorted) {
    if (entry.firstOffset < end) clusters.at(-1)?.push(entry)
    else clusters.push([entry])
    end = Math.max(end, entry.nextOffset)
  }
  return clusters.flatMap((cluster) => {
    const [only] = cluster
    return cluster.length === 1 && only !== undefined ? [{ from: only.firstOffset, to: only.nextOffset, entry: only }] : divided(cluster)
  })
}

/** Pieces of entries that overlap, in order. */
function divided(entries: readonly ArchiveEntry[]): readonly ArchivePiece[] {
  const latestFirst = entries.toSorted((a, b) => b.createdUs - a.createdUs)
  const taken: ArchivePiece[] = []
  for (const entry of latestFirst) for (const [from, to] of recordSpans(entry)) take(taken, { from, to, entry })
  for (const entry of latestFirst) take(taken, { from: entry.firstOffset, to: entry.nextOffset, entry })
  const pieces: ArchivePiece[] = []
  for (const piece of taken) {
    const last = pieces.at(-1)
    if (last?.entry === piece.entry && last.to === piece.from) pieces[pieces.length - 1] = { ...last, to: piece.to }
    else pieces.push(piece)
  }
  return pieces
}

/** The range of an entry without its gaps. */
function recordSpans({ firstOffset, nextOffset, gaps }: ArchiveEntry): OffsetRange[] {
  const spans: OffsetRange[] = []
  let from = firstOffset
  for (const gap of gaps) {
    if (gap.firstOffset > from) spans.push([from, gap.firstOffset])
    from = Math.max(from, gap.nextOffset)
  }
  if (nextOffset > from) spans.push([from, nextOffset])
  return spans
}

/** Adds what of the piece is in none of the others, which are in order and stay so. */
function take(taken: ArchivePiece[], { from, to, entry }: ArchivePiece): void {
  let at = from
  let index = taken.findIndex((piece) => piece.to > from)
  if (index < 0) index = taken.length
  while (at < to) {
    const next = taken[index]
    const until = Math.min(to, next?.from ?? Infinity)
    if (until > at) taken.splice(index++, 0, { from: at, to: until, entry })
    at = Math.max(until, next?.to ?? Infinity)
    index++
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
