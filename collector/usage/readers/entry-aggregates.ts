// Aggregates of tables whose entries are told each by itself: what a process did to one thing. The largest one by one, the others as a sum.
import { topOf } from './top.js'
import { emptyUsage, type UsageBody, type UsageInterval } from '../usage-aggregate.js'
import { type UsageResult, type UsageRound } from '../usage-reader.js'
import { isPidWanted, isPlaceWanted } from '../usage-settings.js'
import { commAt, ownerAt } from '../usage-owner.js'

/** How entries become records. */
export interface EntryLayout<Counts> {
  readonly type: UsageBody['type']
  /** Bytes of key and value together, and where the name of the process stands. */
  readonly entryBytes: number
  readonly commAt: number
  readonly countsAt: (bytes: Buffer, at: number) => Counts
  /** What is larger is told first. */
  readonly weightOf: (counts: Counts) => number
  readonly sumOf: (counts: readonly Counts[]) => Counts
  /** What a record says of the entry at `at`, and of a sum. */
  readonly entryBody: (counts: Counts, bytes: Buffer, at: number) => Partial<UsageBody>
  readonly sumBody: (counts: Counts) => Partial<UsageBody>
}

/** Aggregates of the entries in `bytes`, the largest first, and what is left as one. */
export function entryAggregates<Counts>(bytes: Buffer, layout: EntryLayout<Counts>, round: UsageRound): UsageResult {
  const { filter, facts, interval, top } = round
  const entries = Array.from({ length: Math.floor(bytes.length / layout.entryBytes) }, (_, index) => {
    const at = index * layout.entryBytes
    const owner = ownerAt(bytes, at)
    return { at, owner, place: facts.placeOf(owner), counts: layout.countsAt(bytes, at) }
  })
  const wanted = entries.filter(({ owner, place }) => isPidWanted(filter, owner) && isPlaceWanted(filter, place))
  const { top: largest, others } = topOf(wanted, top, ({ counts }) => layout.weightOf(counts))
  const records = largest.map(({ at, owner, place, counts }): UsageBody => {
    const process = facts.processOf(owner, commAt(bytes, at + layout.commAt), interval)
    return { ...emptyUsage(layout.type, 'process', interval), ...place, process, ...layout.entryBody(counts, bytes, at) }
  })
  if (others.length > 0) {
    const sum = layout.sumOf(others.map(({ counts }) => counts))
    records.push({ ...sumRecord('rest', sum, layout, interval), aggregates: others.length })
  }
  return { records, filtered: entries.length - wanted.length }
}

/** Counts of nobody. */
export function sumRecord<Counts>(
  scope: 'rest' | 'overflow',
  counts: Counts,
  layout: EntryLayout<Counts>,
  interval: UsageInterval,
): UsageBody {
  return { ...emptyUsage(layout.type, scope, interval), ...layout.sumBody(counts) }
}
