// Which offsets of a partition are read, from where, and which are not: pure, so that a plan is the same wherever it is made.
import type { PartitionBounds } from '../../../infra/topic-log/range-reader.js'
import type { OffsetRange } from '../../../infra/topic-log/topic-log.js'
import type { ArchiveEntry } from '../../../schemas/generated/types.js'
import type { ArchivePiece } from './archive-entries.js'
import type { DamagedRecords, HistoryQuery, PartitionAccount, Slice } from './history.js'

/** What is known of a partition. */
export interface KnownPartition {
  /** What the topic has. */
  readonly bounds: PartitionBounds
  /** Offset in the topic before which all records are earlier than the query. */
  readonly start: number
  /** Offset in the topic from which no record is looked for; its end if all are. */
  readonly end: number
  /** False if no record of the topic can have one of the keys. */
  readonly mayHaveKeys: boolean
  /** The topic keeps records from this time on, Unix milliseconds: what retention removed is earlier. */
  readonly keptSinceMs: number
  /** What the archive has, in order. */
  readonly pieces: readonly ArchivePiece[]
}

/** Offsets of one slice of a topic: some hundred milliseconds of work. */
const SLICE_RECORDS = 200_000

/** What is done with offsets [from, to). `outside`: all of them are of other times. */
interface Part {
  readonly from: number
  readonly to: number
  readonly use: 'topic' | 'archive' | 'skipped' | 'outside' | 'missing'
  readonly entry: ArchiveEntry | null
  readonly reason: string
}

/** The plan of one partition. */
export function planPartition(query: HistoryQuery, known: KnownPartition): { slices: Slice[]; account: PartitionAccount } {
  const { topic, partition } = known.bounds
  const parts = trimmed(partsOf(query, known))
  const offsets = (part: Part): OffsetRange => [part.from, part.to]
  const damaged = parts.filter(({ use }) => use === 'archive').flatMap((part) => damagedIn(part))
  const gone = parts.filter(({ use }) => use === 'missing').map((part) => ({ offsets: offsets(part), reason: part.reason }))
  const account = {
    ...{ topic, partition },
    range: [parts[0]?.from ?? known.end, parts.at(-1)?.to ?? known.end] as const,
    skipped: joined(parts.filter(({ use }) => use === 'skipped' || use === 'outside').map(offsets)),
    missing: [...gone, ...damaged].sort((a, b) => a.offsets[0] - b.offsets[0]),
  }
  return { slices: parts.flatMap((part) => slicesOf(query, account, part)), account }
}

function partsOf(query: HistoryQuery, known: KnownPartition): Part[] {
  const { bounds, pieces } = known
  const parts: Part[] = []
  let position = 0
  for (const piece of pieces) {
    if (piece.from > position) parts.push(...withoutArchive(query, known, position, piece.from, parts.at(-1)?.entry ?? null, piece.entry))
    // What the topic has not, or what is read from the archive anyway.
    const split = query.prefer === 'archive' ? piece.to : Math.min(Math.max(bounds.first, piece.from), piece.to)
    const use = useOf(query, piece.entry)
    if (split > piece.from) parts.push(...inArchive(query, { ...piece, to: split }, use, parts.at(-1)?.entry ?? null))
    if (split < piece.to) {
      if (use !== null) parts.push({ ...{ from: split, to: piece.to, entry: piece.entry, reason: '' }, use })
      else parts.push(...inTopic(known, split, piece.to, piece.entry))
    }
    position = piece.to
  }
  const end = Math.max(known.end, bounds.first)
  if (end > position) parts.push(...withoutArchive(query, known, position, end, parts.at(-1)?.entry ?? null, null))
  return parts
}

/** Statistics are of the records of an object: what it should have had besides is missing, unless the object or the one before is of another time. */
function inArchive(
  { fromMs, toMs }: HistoryQuery,
  { from, to, entry }: ArchivePiece,
  use: 'outside' | 'skipped' | null,
  before: ArchiveEntry | null,
): Part[] {
  if (use === null) return [{ from, to, use: 'archive', entry, reason: '' }]
  const isOther = entry.maxTimestampMs < fromMs || (before !== null && before.minTimestampMs >= toMs)
  const parts: Part[] = []
  let position = from
  for (const { offsets, reason } of isOther ? [] : damagedIn({ from, to, entry })) {
    if (offsets[0] > position) parts.push({ from: position, to: offsets[0], use, entry, reason: '' })
    parts.push({ from: offsets[0], to: offsets[1], use: 'missing', entry, reason })
    position = offsets[1]
  }
  if (to > position) parts.push({ from: position, to, use, entry, reason: '' })
  return parts
}

/** Offsets without an object: in the topic, or gone, unless what is next to them shows that they are of other times. */
function withoutArchive(
  { fromMs, toMs }: HistoryQuery,
  known: KnownPartition,
  from: number,
  to: number,
  before: ArchiveEntry | null,
  after: ArchiveEntry | null,
): Part[] {
  const { first } = known.bounds
  const gone = Math.min(to, first)
  const parts: Part[] = []
  if (gone > from) {
    const isLater = before !== null && before.minTimestampMs >= toMs
    // Records are not in the order of their times: that the next one is earlier says nothing of a time before retention.
    const isEarlier = after === null || to > first ? known.start > first && fromMs >= known.keptSinceMs : after.maxTimestampMs < fromMs
    const use = isEarlier || isLater ? 'outside' : 'missing'
    parts.push({ from, to: gone, use, entry: null, reason: 'removed by retention, and not archived' })
  }
  if (to > Math.max(from, first)) parts.push(...inTopic(known, Math.max(from, first), to, null))
  return parts
}

function inTopic({ start, end, mayHaveKeys }: KnownPartition, from: number, to: number, entry: ArchiveEntry | null): Part[] {
  const [left, right] = [Math.min(Math.max(from, start), to), Math.max(Math.min(to, end), from)]
  const parts: Part[] = [
    { from, to: left, use: 'outside', entry, reason: '' },
    { from: left, to: Math.max(left, right), use: mayHaveKeys ? 'topic' : 'skipped', entry, reason: '' },
    { from: Math.max(left, right), to, use: 'outside', entry, reason: '' },
  ]
  return parts.filter((part) => part.to > part.from)
}

/** How the statistics of an object leave it out; null if they don't. */
function useOf({ fromMs, toMs, keys, kinds }: HistoryQuery, entry: ArchiveEntry): 'outside' | 'skipped' | null {
  if (entry.maxTimestampMs < fromMs || entry.minTimestampMs >= toMs) return 'outside'
  const isWithout = (wanted: readonly string[] | undefined, has: readonly string[] | null): boolean =>
    wanted !== undefined && has !== null && !wanted.some((each) => has.includes(each))
  return isWithout(keys, entry.keys) || isWithout(kinds, entry.kinds) ? 'skipped' : null
}

function trimmed(parts: readonly Part[]): readonly Part[] {
  const first = parts.findIndex(({ use }) => use !== 'outside')
  const last = parts.findLastIndex(({ use }) => use !== 'outside')
  return first < 0 ? [] : parts.slice(first, last + 1)
}

function damagedIn({ from, to, entry }: Pick<Part, 'from' | 'to' | 'entry'>): DamagedRecords[] {
  const lost = (entry?.gaps ?? []).filter(({ reason }) => reason !== 'absent')
  return lost
    .map(({ firstOffset, nextOffset, reason }) => ({
      offsets: [Math.max(firstOffset, from), Math.min(nextOffset, to)] as const,
      reason: reason === 'expired' ? 'removed by retention, or by the policy of the archive' : 'damaged before it was archived',
    }))
    .filter(({ offsets: [first, next] }) => next > first)
    .sort((a, b) => a.offsets[0] - b.offsets[0])
}

function joined(ranges: readonly OffsetRange[]): OffsetRange[] {
  const all: [number, number][] = []
  for (const [from, to] of ranges) {
    const last = all.at(-1)
    if (last?.[1] === from) last[1] = to
    else all.push([from, to])
  }
  return all
}

function slicesOf(
  { fromMs, toMs, keys }: HistoryQuery,
  place: Pick<Slice, 'topic' | 'partition'>,
  { from, to, use, entry }: Part,
): Slice[] {
  if (use !== 'topic' && use !== 'archive') return []
  const { topic, partition } = place
  const query = { topic, partition, fromMs, toMs, keys: keys ?? null }
  if (use === 'archive' && entry !== null) {
    const { object, sha256 } = entry
    return [{ ...query, from, to, object, sha256, records: Math.min(entry.records, to - from) }]
  }
  const count = Math.ceil((to - from) / SLICE_RECORDS)
  return Array.from({ length: count }, (_, index) => {
    const start = from + index * SLICE_RECORDS
    const end = Math.min(start + SLICE_RECORDS, to)
    return { ...query, from: start, to: end, object: null, sha256: null, records: end - start }
  })
}
