// Aggregates of tables whose keys are an owner and a number: the entries of an owner become one record. The largest processes get a record each,
// the others are summed up.
import { emptyUsage, type UsageBody } from '../usage-aggregate.js'
import { isPidWanted, isPlaceWanted } from '../usage-settings.js'
import { USAGE_OWNER } from '../../../native/generated/layout.js'
import { commAt, ownerAt, type UsageOwner, type UsagePlace } from '../usage-owner.js'
import type { UsageResult, UsageRound } from '../usage-reader.js'
import { topOf } from './top.js'

/** One process in one cgroup, and what it did. */
interface ProcessCounts<Item> {
  readonly owner: UsageOwner
  readonly name: string
  readonly place: UsagePlace
  readonly items: Item[]
  total: number
}

/** How entries become items. */
export interface CountLayout<Item> {
  readonly type: UsageBody['type']
  /** Bytes of key and value together, and the offset of the process name in them. */
  readonly entryBytes: number
  readonly commAt: number
  readonly itemAt: (bytes: Buffer, at: number) => Item
  readonly totalOf: (item: Item) => number
  /** Merges items of several processes into one list. */
  readonly merge: (items: readonly Item[]) => readonly Item[]
  readonly listOf: (items: readonly Item[]) => Partial<UsageBody>
}

/** Aggregates of the processes in `bytes`, the largest first; those over the limit are one aggregate. */
export function processCounts<Item>(bytes: Buffer, layout: CountLayout<Item>, round: UsageRound): UsageResult {
  const { filter, top, interval, facts } = round
  const groups = groupsOf(bytes, layout, round)
  const wanted = groups.filter(({ owner, place }) => isPidWanted(filter, owner) && isPlaceWanted(filter, place))
  const { top: largest, others } = topOf(wanted, top, ({ total }) => total)
  const records = largest.map(({ owner, name, place, items, total }): UsageBody => {
    const process = facts.processOf(owner, name, interval)
    return { ...emptyUsage(layout.type, 'process', interval), ...place, process, calls: total, ...layout.listOf(layout.merge(items)) }
  })
  if (others.length > 0) {
    const items = layout.merge(others.flatMap((group) => group.items))
    const calls = others.reduce((sum, { total }) => sum + total, 0)
    records.push({ ...emptyUsage(layout.type, 'rest', interval), aggregates: others.length, calls, ...layout.listOf(items) })
  }
  return { records, filtered: groups.length - wanted.length }
}

/** A record of the calls that the kernel had no room for; none when there were none. */
export function overflowRecord(type: UsageBody['type'], calls: number, { interval }: UsageRound): readonly UsageBody[] {
  return calls > 0 ? [{ ...emptyUsage(type, 'overflow', interval), calls }] : []
}

function groupsOf<Item>(bytes: Buffer, layout: CountLayout<Item>, { facts }: UsageRound): readonly ProcessCounts<Item>[] {
  const groups = new Map<string, ProcessCounts<Item>>()
  for (let at = 0; at + layout.entryBytes <= bytes.length; at += layout.entryBytes) {
    const key = bytes.toString('latin1', at, at + USAGE_OWNER.bytes)
    let group = groups.get(key)
    if (group === undefined) {
      const owner = ownerAt(bytes, at)
      group = { owner, name: commAt(bytes, at + layout.commAt), place: facts.placeOf(owner), items: [], total: 0 }
      groups.set(key, group)
    }
    const item = layout.itemAt(bytes, at)
    group.items.push(item)
    group.total += layout.totalOf(item)
  }
  return [...groups.values()]
}
