// Two samples become rates: CPU and events of each process, sorted; the first N are shown, the rest is summed. Unknown is null.
import { isChosenContainer } from '../../collector/containers/container-index.js'
import { COUNTED_TOPICS, noEvents, type EventActivity, type EventCounts } from '../../collector/processes/event-counts.js'
import { TICKS_PER_SECOND, type ProcProcess, type ProcSample } from './proc-sample.js'
import { HOST, type ProcessContainer } from './process-containers.js'

/** A sample of the host. */
export interface Look {
  readonly sample: ProcSample
  readonly containers: ReadonlyMap<number, ProcessContainer>
  /** Null if no collector answers. */
  readonly activity: EventActivity | null
  /** Events over a budget since the collector began, by kind; null if no collector answers. */
  readonly refused: Readonly<Record<string, number>> | null
  /** When the collector answered, monotonic, milliseconds. */
  readonly activityAtMs: number
}

/** One process. */
export interface TopRow extends ProcessContainer {
  readonly pid: number
  readonly process: string
  /** Percent of one CPU; null for a process that is new in this sample. */
  readonly cpuPercent: number | null
  readonly rssBytes: number
  /** Events per second by topic; null without a collector. */
  readonly events: EventCounts | null
}

/** Sum of the processes that are not shown. */
export interface TopRest {
  readonly processes: number
  readonly cpuPercent: number
  readonly rssBytes: number
  readonly events: EventCounts | null
}

/** A view. */
export interface TopView {
  readonly rows: readonly TopRow[]
  /** Processes that match the filter but are not among the first. */
  readonly rest: TopRest
  /** Events per second of the whole host, including ended processes; null without a collector. */
  readonly total: EventCounts | null
}

/** Sort columns; descending, except names. */
export const SORTS = ['cpu', 'rss', 'events', ...COUNTED_TOPICS, 'pid', 'container', 'command'] as const
/** One of them. */
export type TopSort = (typeof SORTS)[number]

/** Options of a view. */
export interface TopOptions {
  readonly sort: TopSort
  readonly rows: number
  /** Id, beginning of an id, or name. */
  readonly container?: string | undefined
}

/** Events over a budget between two samples, by kind; null if that is unknown. */
export function refusedBetween(before: Look, now: Look): Readonly<Record<string, number>> | null {
  const [earlier, later] = [before.refused, now.refused]
  if (earlier === null || later === null || !isComparable(before, now)) return null
  return Object.fromEntries(
    Object.entries(later).flatMap(([kind, count]) => (count > (earlier[kind] ?? 0) ? [[kind, count - (earlier[kind] ?? 0)]] : [])),
  )
}

const TICK_US = 1_000_000 / TICKS_PER_SECOND

/** Rates between two samples. */
export function topView(before: Look, now: Look, options: TopOptions): TopView {
  const { container } = options
  const rates = ratesOf(before, now)
  const all = [...now.sample.processes.values()].map((process): TopRow => {
    const whose = now.containers.get(process.pid) ?? HOST
    const { pid, name, rssBytes } = process
    return {
      pid,
      process: name,
      cpuPercent: cpuPercentOf(process, before.sample, now.sample),
      rssBytes,
      events: rates.of(process),
      ...whose,
    }
  })
  const wanted = container === undefined ? all : all.filter((row) => isOf(container, row))
  const sorted = wanted.toSorted(orderOf(options.sort))
  return { rows: sorted.slice(0, options.rows), rest: restOf(sorted.slice(options.rows), rates.total !== null), total: rates.total }
}

/** Events per second over all topics. */
export function eventsOf(events: EventCounts): number {
  return COUNTED_TOPICS.reduce((sum, topic) => sum + events[topic], 0)
}

function isOf(wanted: string, { containerId, claim, name }: TopRow): boolean {
  const id = containerId ?? claim
  return id !== null && isChosenContainer(wanted, id, name)
}

function cpuPercentOf({ pid, startTicks, cpuTicks }: ProcProcess, before: ProcSample, now: ProcSample): number | null {
  const earlier = before.processes.get(pid)
  const seconds = (now.atMs - before.atMs) / 1000
  if (earlier?.startTicks !== startTicks || seconds <= 0) return null
  return (Math.max(0, cpuTicks - earlier.cpuTicks) / TICKS_PER_SECOND / seconds) * 100
}

interface Rates {
  readonly of: (process: ProcProcess) => EventCounts | null
  readonly total: EventCounts | null
}

/** True if both samples have counts of the same collector; a restart in between makes them incomparable. */
function isComparable({ activity: earlier, activityAtMs }: Look, { activity: later, activityAtMs: laterAtMs }: Look): boolean {
  if (earlier === null || later === null || laterAtMs <= activityAtMs) return false
  return earlier.startedAtUs === later.startedAtUs && earlier.bootId === later.bootId
}

/** Why there are no rates between two samples; null if there are. @param reason why the collector did not answer the later one */
export function whyNoRates(before: Look, now: Look, reason: string | null): string | null {
  if (reason !== null) return reason
  return isComparable(before, now) ? null : 'the collector was started in between'
}

function ratesOf(before: Look, now: Look): Rates {
  const [earlier, later] = [before.activity, now.activity]
  const seconds = (now.activityAtMs - before.activityAtMs) / 1000
  if (earlier === null || later === null || !isComparable(before, now)) return { of: () => null, total: null }
  const counted = (activity: EventActivity): ReadonlyMap<string, EventCounts> =>
    new Map(activity.processes.map(({ pid, startUs, events }) => [keyOf(pid, Math.floor(startUs / TICK_US)), events]))
  const [first, last] = [counted(earlier), counted(later)]
  const between = (from: EventCounts, to: EventCounts): EventCounts => {
    const rates = noEvents()
    for (const topic of COUNTED_TOPICS) rates[topic] = Math.max(0, to[topic] - from[topic]) / seconds
    return rates
  }
  const none = noEvents()
  return {
    of: ({ pid, startTicks }) => {
      const key = keyOf(pid, startTicks)
      return between(first.get(key) ?? none, last.get(key) ?? first.get(key) ?? none)
    },
    total: between(earlier.total, later.total),
  }
}

function keyOf(pid: number, startTicks: number): string {
  return `${String(pid)} ${String(startTicks)}`
}

function restOf(rows: readonly TopRow[], hasEvents: boolean): TopRest {
  const events = noEvents()
  for (const row of rows) for (const topic of COUNTED_TOPICS) events[topic] += row.events?.[topic] ?? 0
  return {
    processes: rows.length,
    cpuPercent: rows.reduce((sum, row) => sum + (row.cpuPercent ?? 0), 0),
    rssBytes: rows.reduce((sum, row) => sum + row.rssBytes, 0),
    events: hasEvents ? events : null,
  }
}

/** Unknown values come last; equal rows are ordered by pid, so they keep their places. */
function orderOf(sort: TopSort): (a: TopRow, b: TopRow) => number {
  const text = (row: TopRow): string => (sort === 'command' ? row.process : (row.name ?? row.containerId ?? row.claim ?? '\uffff'))
  if (sort === 'command' || sort === 'container') return (a, b) => text(a).localeCompare(text(b)) || a.pid - b.pid
  if (sort === 'pid') return (a, b) => a.pid - b.pid
  const number = (row: TopRow): number => {
    if (sort === 'cpu') return row.cpuPercent ?? -1
    if (sort === 'rss') return row.rssBytes
    if (row.events === null) return -1
    return sort === 'events' ? eventsOf(row.events) : row.events[sort]
  }
  return (a, b) => number(b) - number(a) || a.pid - b.pid
}
