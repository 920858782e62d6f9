// One started tracker: its tables, its counts, and its rounds. Knows no timer and no control API.
import type { UsageReading, UsageTables } from '../../native/addon.js'
import type { UsageBody } from './usage-aggregate.js'
import type { UsageTracker, ForgottenCgroups, UsageReader } from './usage-reader.js'
import { setImmediate } from 'node:timers/promises'
import { within } from '../../infra/waiting/clock.js'
import { cgroupKey, GoneCgroups } from './readers/gone-cgroups.js'
import type { UsageFilter } from './usage-settings.js'
import type { OwnerFacts } from './usage-owner.js'

/** Counters that a program accumulates while it is loaded. */
export type Cumulated = Pick<UsageReading, 'overflow' | 'recursionMisses'>

/** Counters of a newly loaded program. */
export const NOTHING_CUMULATED: Cumulated = { overflow: [], recursionMisses: 0 }

/** Counters of a tracker over all its runs. */
export class UsageCounts {
  records = 0
  /** Aggregates that the filter left out. */
  filtered = 0
  /** Aggregates dropped because the log had no room. */
  dropped = 0
  /** Failed readings: the counts of their interval are lost. */
  lostReadings = 0
  /** Removed cgroups whose entries stay, because too many were removed at once. */
  notForgotten = 0
  #recursionMisses = 0
  readonly #noRoom: number[] = []

  /** Adds the difference between two readings. */
  add(now: Cumulated, before: Cumulated): void {
    this.#recursionMisses += now.recursionMisses - before.recursionMisses
    overflowSince(now, before).forEach((count, index) => (this.#noRoom[index] = (this.#noRoom[index] ?? 0) + count))
  }

  /** For the heartbeat. */
  counters({ name, overflowNames }: Pick<UsageTracker, 'name' | 'overflowNames'>): Readonly<Record<string, number>> {
    const noRoom = overflowNames.map((what, index) => [`usage.${name}.noRoom.${what}`, this.#noRoom[index] ?? 0] as const)
    return {
      [`usage.${name}.records`]: this.records,
      [`usage.${name}.filtered`]: this.filtered,
      [`usage.${name}.dropped`]: this.dropped,
      [`usage.${name}.lostReadings`]: this.lostReadings,
      [`usage.${name}.notForgotten`]: this.notForgotten,
      [`usage.${name}.recursionMisses`]: this.#recursionMisses,
      ...Object.fromEntries(noRoom),
    }
  }
}

/** Overflow since `before`. */
function overflowSince({ overflow }: Cumulated, before: Cumulated): readonly number[] {
  return overflow.map((count, index) => count - (before.overflow[index] ?? 0))
}

/** Where aggregates go: the running collector. */
export interface UsageSink {
  readonly facts: OwnerFacts
  /** Name of a container; null while it is unknown. */
  nameOf(containerId: string): string | null
  /** Microseconds since boot. */
  bootNow(): number
  /** Whether the interval may end now. Otherwise it gets longer, without loss. Default always. */
  mayRead?(): boolean
  publish(body: UsageBody): void
  /** Counts dropped aggregates. */
  drop(count: number): void
  /** Bytes that wait for the log. */
  bufferedBytes(): number
  /** Resolves when the log has all of them. */
  flush(): Promise<void>
}

/** Settings of a round. */
interface UsageRoundSettings {
  readonly top: number
  readonly filter: UsageFilter
}

/** Records that are published before the event loop handles sockets, rings and timers. */
const SLICE = 64
/** With more than this waiting for the log, aggregates wait too: they must not take the room of events. */
const MAX_BUFFERED_BYTES = 512 * 1024
/** How long they wait; then the rest of the round is dropped. */
const PATIENCE_MS = 1000
const NOTHING_FORGOTTEN: ForgottenCgroups = { entries: [], retained: [] }

/** Dependencies of a run. */
interface UsageRunDeps {
  readonly tables: UsageTables
  readonly reader: UsageReader
  readonly sink: UsageSink
  /** Shared with earlier runs. */
  readonly counts: UsageCounts
  /** Counters of the program before this run. */
  readonly baseline: Cumulated
}

/** Counters of a tracker over all its runs. */
export class UsageRun {
  readonly #deps: UsageRunDeps
  readonly #gone = new GoneCgroups()
  readonly #patienceMs: number
  #startBootUs: number
  #before: Cumulated

  constructor(deps: UsageRunDeps, patienceMs = PATIENCE_MS) {
    this.#deps = deps
    this.#patienceMs = patienceMs
    this.#startBootUs = deps.sink.bootNow()
    this.#before = deps.baseline
  }

  /** Ends an interval and publishes its aggregates. One at a time. @throws errors of the kernel */
  async round({ top, filter }: UsageRoundSettings): Promise<void> {
    const { sink, tables, reader, counts, baseline } = this.#deps
    const interval = { startBootUs: this.#startBootUs, endBootUs: sink.bootNow() }
    // A cgroup that is removed during the turn may have counts after this reading.
    const gone = this.#gone.take()
    const reading = await tables.turn()
    this.#startBootUs = interval.endBootUs
    counts.add(reading, this.#before)
    this.#before = { overflow: reading.overflow, recursionMisses: reading.recursionMisses }
    const { records, filtered } = reader.read({
      reading: { ...reading, overflow: overflowSince(reading, baseline) },
      ...{ interval, facts: sink.facts, top },
      filter: { ...filter, nameOf: (containerId) => sink.nameOf(containerId) },
    })
    counts.filtered += filtered
    await this.#publish(records)
    this.#forget(gone)
  }

  /** A cgroup was removed; the next reading still has its counts. */
  cgroupRemoved(cgroupId: bigint, isV1: boolean): void {
    this.#isGone(cgroupKey(cgroupId, isV1))
  }

  #forget(gone: ReadonlySet<string>): void {
    const { tables, reader } = this.#deps
    const { entries, retained } = reader.forget?.(gone) ?? NOTHING_FORGOTTEN
    for (const { table, key } of entries) tables.forget(table, key)
    for (const cgroup of retained) this.#isGone(cgroup)
  }

  #isGone(cgroup: string): void {
    const { reader, counts } = this.#deps
    if (reader.forget !== undefined && !this.#gone.add(cgroup)) counts.notForgotten++
  }

  async #publish(records: readonly UsageBody[]): Promise<void> {
    const { sink, reader, counts } = this.#deps
    for (let at = 0; at < records.length; at += SLICE) {
      if (!(await this.#hasRoom())) {
        const left = records.length - at
        counts.dropped += left
        return sink.drop(left)
      }
      for (const record of records.slice(at, at + SLICE)) {
        sink.publish(record)
        reader.published?.(record)
        counts.records++
      }
      await setImmediate()
    }
  }

  async #hasRoom(): Promise<boolean> {
    const { sink } = this.#deps
    if (sink.bufferedBytes() <= MAX_BUFFERED_BYTES) return true
    await within(this.#patienceMs, sink.flush()).catch(() => undefined)
    return sink.bufferedBytes() <= MAX_BUFFERED_BYTES
  }
}
