// Checks the archive against its entries: every offset of a range is a record of exactly one object, or a gap with its reason; and every object is what
// its entry says. Reads each object once, and believes none.
import { createHash } from 'node:crypto'
import { messageOf } from '../../../infra/process/errors.js'
import type { ArchiveEntry, OffsetGap } from '../../../schemas/generated/types.js'
import { ARCHIVE_TOPICS, type ArchiveTopic } from '../columns.js'
import { TOPICS } from '../../../infra/topic-log/topics.js'
import type { ObjectStore } from '../objects/object-store.js'
import { ArchivedObject } from '../parquet/object-reader.js'

/** What is wrong. */
export interface ArchiveFinding {
  readonly topic: string
  readonly partition: number
  /** Offsets [from, to). */
  readonly from: number
  readonly to: number
  /** Name of the object; null for offsets that are in none. */
  readonly object: string | null
  readonly what: string
}

/** What was checked. */
export interface VerifyReport {
  objects: number
  records: number
  bytes: number
  /** Offsets without a record, by reason. */
  readonly gaps: Record<OffsetGap['reason'], number>
  readonly findings: ArchiveFinding[]
}

/** Which entries; times of records in their topics, [fromMs, toMs). */
export interface VerifyRange {
  readonly topics?: readonly ArchiveTopic[]
  readonly fromMs?: number
  readonly toMs?: number
}

/** How far a partition is archived, as topic and group say. */
export interface ArchivedPartition {
  readonly topic: ArchiveTopic
  readonly partition: number
  /** First offset that the topic still has. */
  readonly first: number
  /** Where the next entry begins: everything before is in entries. */
  readonly nextEntry: number
}

export interface VerifyDeps {
  /** All partitions, to check that the entries begin and end where they must; default they are not checked for that. */
  readonly partitions?: readonly ArchivedPartition[]
  readonly store: ObjectStore
  readonly signal: AbortSignal
  /** After each object. */
  readonly onProgress?: (report: VerifyReport, of: number) => void
}

/** The short name of an entry's topic; undefined for one that is not archived. */
export function topicOfEntry({ topic }: Pick<ArchiveEntry, 'topic'>): ArchiveTopic | undefined {
  return ARCHIVE_TOPICS.find((key) => TOPICS[key].name === topic)
}

/** The entries of a range. */
export function entriesIn(entries: readonly ArchiveEntry[], { topics, fromMs = -Infinity, toMs = Infinity }: VerifyRange): ArchiveEntry[] {
  return entries.filter((entry) => {
    const topic = topicOfEntry(entry)
    const isTopic = topics === undefined || (topic !== undefined && topics.includes(topic))
    return isTopic && entry.maxTimestampMs >= fromMs && entry.minTimestampMs < toMs
  })
}

/** @param entries all of them, as they are now */
export async function verifyArchive(entries: readonly ArchiveEntry[], range: VerifyRange, deps: VerifyDeps): Promise<VerifyReport> {
  const report: VerifyReport = { objects: 0, records: 0, bytes: 0, gaps: { UNKNOWN: 0, absent: 0, expired: 0, damaged: 0 }, findings: [] }
  const wanted = entriesIn(entries, range)
  for (const place of deps.partitions ?? []) if (range.topics?.includes(place.topic) !== false) checkEnds(place, entries, report)
  for (const own of byPartition(wanted)) {
    checkOffsets(own, report)
    for (const entry of own) {
      if (deps.signal.aborted) return report
      for (const { firstOffset, nextOffset, reason } of entry.gaps) report.gaps[reason] += nextOffset - firstOffset
      const what = await checkObject(entry, deps)
      if (what !== null) report.findings.push(findingOf(entry, what))
      report.objects++
      report.records += entry.records
      report.bytes += entry.bytes
      deps.onProgress?.(report, wanted.length)
    }
  }
  return report
}

/** The entries of each partition, in order of their offsets. */
export function byPartition(entries: readonly ArchiveEntry[]): readonly (readonly ArchiveEntry[])[] {
  const places = new Map<string, ArchiveEntry[]>()
  for (const entry of entries) {
    const place = `${entry.topic} ${String(entry.partition)}`
    places.set(place, [...(places.get(place) ?? []), entry])
  }
  return [...places.values()].map((own) => own.sort((a, b) => a.firstOffset - b.firstOffset || a.nextOffset - b.nextOffset))
}

function findingOf({ topic, partition, firstOffset, nextOffset, object }: ArchiveEntry, what: string): ArchiveFinding {
  return { topic, partition, from: firstOffset, to: nextOffset, object, what }
}

/** Neighbours neither overlap nor leave offsets out. */
function checkOffsets(entries: readonly ArchiveEntry[], { findings }: VerifyReport): void {
  let next: number | undefined
  for (const entry of entries) {
    const { topic, partition, firstOffset, nextOffset, object } = entry
    if (next !== undefined && firstOffset > next) {
      findings.push({ topic, partition, from: next, to: firstOffset, object: null, what: 'these offsets are in no object' })
    } else if (next !== undefined && firstOffset < next) {
      const to = Math.min(next, nextOffset)
      findings.push({ topic, partition, from: firstOffset, to, object, what: 'these offsets are in another object, too' })
    }
    next = Math.max(next ?? 0, nextOffset)
  }
}

/** What the group has finished is in entries, as far as the topic still has it or an entry is after it. */
function checkEnds(
  { topic, partition, first, nextEntry }: ArchivedPartition,
  entries: readonly ArchiveEntry[],
  report: VerifyReport,
): void {
  const own = entries.filter((entry) => topicOfEntry(entry) === topic && entry.partition === partition)
  const begin = own.reduce((least, { firstOffset }) => Math.min(least, firstOffset), Infinity)
  const end = own.reduce((most, { nextOffset }) => Math.max(most, nextOffset), -1)
  const missing = (from: number, to: number): void => {
    if (from >= to) return
    const what = 'these offsets count as archived, and are in no object'
    report.findings.push({ topic: TOPICS[topic].name, partition, from, to, object: null, what })
  }
  missing(first, Math.min(begin, nextEntry))
  if (own.length > 0) missing(Math.max(end, begin), nextEntry)
}

/** What is wrong with an object; null for nothing. */
export async function checkObject(entry: ArchiveEntry, { store, signal }: Pick<VerifyDeps, 'store' | 'signal'>): Promise<string | null> {
  const topic = topicOfEntry(entry)
  if (topic === undefined) return `the topic ${entry.topic} is not archived`
  try {
    const content = await store.get(entry.object, signal)
    if (content.length !== entry.bytes) return `it has ${String(content.length)} bytes, not ${String(entry.bytes)}`
    if (createHash('sha256').update(content).digest('hex') !== entry.sha256) return 'its content has another SHA-256 than its entry says'
    return await checkRecords(content, entry, topic)
  } catch (error) {
    if (signal.aborted) return null
    return messageOf(error)
  }
}

/** Records and gaps are exactly the offsets of the range. */
async function checkRecords(content: Uint8Array, entry: ArchiveEntry, topic: ArchiveTopic): Promise<string | null> {
  const object = await ArchivedObject.open(content)
  let records = 0
  let next = entry.firstOffset
  let gap = 0
  const passGaps = (): void => {
    for (let own = entry.gaps[gap]; own?.firstOffset === next; own = entry.gaps[++gap]) next = own.nextOffset
  }
  for (const batch of object.batches({ topic, partition: entry.partition })) {
    while (batch.next()) {
      passGaps()
      if (batch.offset !== next) return `after offset ${String(next - 1)} it has ${String(batch.offset)}, and no gap in between`
      next++
      records++
    }
  }
  passGaps()
  if (next !== entry.nextOffset || gap !== entry.gaps.length) return `it ends at offset ${String(next)}, not ${String(entry.nextOffset)}`
  if (records !== entry.records) return `it has ${String(records)} records, not ${String(entry.records)}`
  return null
}
