// One started tracker: its tables, what it told, and its rounds. Knows no timer and no control API.
import type { UsageReading, UsageTables } from '../../native/addon.js'
import type { UsageBody } from './usage-aggregate.js'
import type { UsageTracker, ForgottenCgroups, UsageReader } from './usage-reader.js'
import { setImmediate } from 'node:timers/promises'
import { within } from '../../infra/waiting/clock.js'
import { cgroupKey, GoneCgroups } from './readers/gone-cgroups.js'
import type { UsageFilter } from './usage-settings.js'
import type { OwnerFacts } from './usage-owner.js'

/** What a program cumulates as long as it is loaded. */
export type Cumulated = Pick<UsageReading, 'overflow' | 'recursionMisses'>

/** A program that was just loaded. */
export const NOTHING_CUMULATED: Cumulated = { overflow: [], recursionMisses: 0 }

/** See above. */
export class UsageCounts {
  records = 0
  /** Aggregates that the filter left out. */
  filtered = 0
  /** Aggregates that found no room in the log. */
  dropped = 0
  /** Readings that failed: what was counted in their interval is not told. */
  lostReadings = 0
  /** Cgroups that went and are remembered all the same: too many at once. */
  notForgotten = 0
  #recursionMisses = 0
  readonly #noRoom: number[] = []

  /** Adds what came between two readings. */
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

/** What found no room since `before`. */
function overflowSince({ overflow }: Cumulated, before: Cumulated): readonly number[] {
  return overflow.map((count, index) => count - (before.overflow[index] ?? 0))
}

/** Where aggregates go: the collector that runs. */
export interface UsageSink {
  readonly facts: OwnerFacts
  /** Name of a container; null while no runtime told it. */
  nameOf(containerId: string): string | null
  /** Microseconds since boot. */
  bootNow(): number
  /** An interval may end now, of which nothing is lost when it goes on: it is longer then. Default always. */
  mayRead?(): boolean
  publish(body: UsageBody): void
  /** Aggregates that go nowhere, to be counted. */
  drop(count: number): void
  /** Bytes that wait for the log. */
  bufferedBytes(): number
  /** Resolves when the log has all of them. */
  flush(): Promise<void>
}

/** What a round is told by. */
interface UsageRoundSettings {
  readonly top: number
  readonly filter: UsageFilter
}

/** Records that are published before sockets, rings and timers have their turn. */
const SLICE = 64
/** With more than this waiting for the log, aggregates wait, too: they must not fill the room of events. */
const MAX_BUFFERED_BYTES = 512 * 1024
/** How long they wait for it; then the rest of the round is dropped. */
const PATIENCE_MS = 1000
const NOTHING_FORGOTTEN: ForgottenCgroups = { entries: [], kept: [] }

/** What a run is made of. */
interface UsageRunDeps {
  readonly tables: UsageTables
  readonly reader: UsageReader
  readonly sink: UsageSink
  /** Goes on from the runs before. */
  readonly counts: UsageCounts
  /** What the program had cumulated before this run. */
  readonly baseline: Cumulated
}

/** See above. */
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

  /** Ends an interval and publishes what it gave. One at a time. @throws what the kernel refuses with */
  async round({ top, filter }: UsageRoundSettings): Promise<void> {
    const { sink, tables, reader, counts, baseline } = this.#deps
    const interval = { startBootUs: this.#startBootUs, endBootUs: sink.bootNow() }
    // What goes during the turn may have done more than this reading has.
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

  /** A cgroup is gone; the next reading still has what it did. */
  cgroupRemoved(cgroupId: bigint, isV1: boolean): void {
    this.#isGone(cgroupKey(cgroupId, isV1))
  }

  #forget(gone: ReadonlySet<string>): void {
    const { tables, reader } = this.#deps
    const { entries, kept } = reader.forget?.(gone) ?? NOTHING_FORGOTTEN
    for (const { table, key } of entries) tables.forget(table, key)
    for (const cgroup of kept) this.#isGone(cgroup)
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
