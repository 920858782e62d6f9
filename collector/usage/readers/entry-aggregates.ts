// Aggregates of tables in which an entry is what one process did to one object. The largest entries get a record each, the others are summed up.
import { topOf } from './top.js'
import { emptyUsage, type UsageBody, type UsageInterval } from '../usage-aggregate.js'
import { type UsageResult, type UsageRound } from '../usage-reader.js'
import { isPidWanted, isPlaceWanted } from '../usage-settings.js'
import { commAt, ownerAt } from '../usage-owner.js'

/** How entries become records. */
export interface EntryLayout<Counts> {
  readonly type: UsageBody['type']
  /** Bytes of key and value together, and the offset of the process name in them. */
  readonly entryBytes: number
  readonly commAt: number
  readonly countsAt: (bytes: Buffer, at: number) => Counts
  /** Records are sorted by it, the largest first. */
  readonly weightOf: (counts: Counts) => number
  readonly sumOf: (counts: readonly Counts[]) => Counts
  /** Fields of the record of the entry at `at`, and of a sum. */
  readonly entryBody: (counts: Counts, bytes: Buffer, at: number) => Partial<UsageBody>
  readonly sumBody: (counts: Counts) => Partial<UsageBody>
}

/** Aggregates of the entries in `bytes`, the largest first; those over the limit are one aggregate. */
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

/** A record that belongs to no process. */
export function sumRecord<Counts>(
  scope: 'rest' | 'overflow',
  counts: Counts,
  layout: EntryLayout<Counts>,
  interval: UsageInterval,
): UsageBody {
  return { ...emptyUsage(layout.type, scope, interval), ...layout.sumBody(counts) }
}
