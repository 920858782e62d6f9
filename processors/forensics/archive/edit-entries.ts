// Changes of entries that are committed in one step: objects that are joined, and objects that retention removes. Every offset stays in exactly one object,
// or in a gap with its reason.
import type { Codec } from '../../../schemas/codec.js'
import type { ArchiveEntry, OffsetGap } from '../../../schemas/generated/types.js'
import type { ObjectStore } from '../objects/object-store.js'
import type { ObjectWriters } from '../parquet/object-writer.js'
import { ArchivedObject } from '../parquet/object-reader.js'
import { objectNameOf } from './object-name.js'
import { byPartition, checkObject, topicOfEntry } from './verify.js'

/** Entries that are written, and names of those that are removed, together. */
export interface EntryChange {
  readonly written: readonly ArchiveEntry[]
  readonly removed: readonly string[]
}

/** Gaps of a joined object, at most: its entry must be a record that a broker takes. */
const MOST_GAPS = 20_000

/** Which objects are joined. */
export interface JoinBounds {
  /** Objects of fewer bytes are joined with their neighbours. */
  readonly smallBytes: number
  /** The joined objects have about so many, together. */
  readonly objectBytes: number
}

/** Runs of small objects that are next to each other, of two at least. */
export function joinable(entries: readonly ArchiveEntry[], { smallBytes, objectBytes }: JoinBounds): readonly (readonly ArchiveEntry[])[] {
  const runs: ArchiveEntry[][] = []
  for (const own of byPartition(entries)) {
    let run: ArchiveEntry[] = []
    let bytes = 0
    let gaps = 0
    for (const entry of own) {
      const isNext = run.at(-1)?.nextOffset === entry.firstOffset
      const isFull = bytes + entry.bytes > objectBytes || gaps + entry.gaps.length > MOST_GAPS
      if (!isNext || entry.bytes >= smallBytes || isFull) {
        runs.push(run)
        run = []
        bytes = gaps = 0
      }
      if (entry.bytes >= smallBytes) continue
      run.push(entry)
      bytes += entry.bytes
      gaps += entry.gaps.length
    }
    runs.push(run)
  }
  return runs.filter((run) => run.length > 1)
}

export interface JoinDeps {
  readonly store: ObjectStore
  readonly writers: ObjectWriters
  readonly nowMs: () => number
  readonly signal: AbortSignal
}

/** Stores one object with the records of all of them. @returns null when one of them is damaged: then nothing changes */
export async function joinObjects(run: readonly ArchiveEntry[], { store, writers, nowMs, signal }: JoinDeps): Promise<EntryChange | null> {
  const [first, last] = [run[0], run.at(-1)]
  const topic = first === undefined ? undefined : topicOfEntry(first)
  if (first === undefined || last === undefined || topic === undefined) return null
  const writer = writers.begin(topic)
  for (const entry of run) {
    if ((await checkObject(entry, { store, signal })) !== null) return null
    const object = await ArchivedObject.open(await store.get(entry.object, signal))
    for (const batch of object.batches({ topic, partition: entry.partition })) while (batch.next()) writer.add(batch)
  }
  const { content, facts } = writer.finish()
  const { partition, firstOffset } = first
  const { nextOffset } = last
  const createdMs = nowMs()
  const object = objectNameOf({ topic, partition, firstOffset, sha256: facts.sha256 }, createdMs)
  await store.put(object, content)
  const gaps = mergedGaps(run.flatMap((entry) => entry.gaps))
  const entry = { object, topic: first.topic, partition, firstOffset, nextOffset, ...facts, gaps, createdUs: createdMs * 1000 }
  return { written: [entry], removed: run.map((one) => one.object).filter((name) => name !== object) }
}

/**
 * Removes entries of one partition. Their offsets become a gap of the next one that is kept, or of the last one, so that they have a reason; when none is
 * kept, nothing of the partition is left.
 * @param entries all of the partition, in order
 */
export function removeEntries(entries: readonly ArchiveEntry[], isRemoved: (entry: ArchiveEntry) => boolean): EntryChange {
  const written = new Map<string, ArchiveEntry>()
  const removed: string[] = []
  let last: ArchiveEntry | undefined
  let from: number | undefined
  let to = 0
  for (const entry of entries) {
    if (isRemoved(entry)) {
      from ??= entry.firstOffset
      to = entry.nextOffset
      removed.push(entry.object)
      continue
    }
    last = entry
    if (from === undefined) continue
    last = { ...entry, firstOffset: from, gaps: mergedGaps([expired(from, entry.firstOffset), ...entry.gaps]) }
    written.set(entry.object, last)
    from = undefined
  }
  if (from !== undefined && last !== undefined)
    written.set(last.object, { ...last, nextOffset: to, gaps: mergedGaps([...last.gaps, expired(from, to)]) })
  return { written: [...written.values()], removed }
}

function expired(firstOffset: number, nextOffset: number): OffsetGap {
  return { firstOffset, nextOffset, reason: 'expired' }
}

/** Neighbours of the same reason as one. */
function mergedGaps(gaps: readonly OffsetGap[]): OffsetGap[] {
  const merged: OffsetGap[] = []
  for (const gap of gaps) {
    const last = merged.at(-1)
    if (last?.nextOffset === gap.firstOffset && last.reason === gap.reason)
      merged[merged.length - 1] = { ...last, nextOffset: gap.nextOffset }
    else merged.push(gap)
  }
  return merged
}

/** The change as records of the archive topic: keys with values, null for a tombstone. */
export function recordsOfChange(
  { written, removed }: EntryChange,
  codec: Codec,
): readonly { readonly key: Buffer; readonly value: Buffer | null }[] {
  return [
    ...written.map((entry) => ({ key: Buffer.from(entry.object), value: Buffer.from(codec.encode('archive', entry)) })),
    ...removed.map((name) => ({ key: Buffer.from(name), value: null })),
  ]
}
