// One started tracker: its tables, what it told, and its rounds. Knows no timer and no control API.
import { setImmediate } from 'node:timers/promises'
import type { UsageTables } from '../../native/usage-tables.js'
import type { UsageBody } from './usage-aggregate.js'
import type { UsageFilter } from './usage-filter.js'
import type { OwnerFacts } from './usage-owner.js'
import type { UsageReader, UsageTracker } from './usage-reader.js'

/** Where aggregates go: the collector that runs. */
export interface UsageSink {
  readonly facts: OwnerFacts
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
export interface UsageRoundSettings {
  readonly top: number
  readonly filter: UsageFilter
}

/** Records that are published before sockets, rings and timers have their turn. */
const SLICE = 64
/** With more than this waiting for the log, aggregates wait, too: they must not fill the room of events. */
const MAX_BUFFERED_BYTES = 512 * 1024
/** How long they wait for it; then the rest of the round is dropped. */
const PATIENCE_MS = 1000

/** Counts since the start of the tracker. */
export interface UsageRunCounts {
  records: number
  filtered: number
  dropped: number
}

/** See above. */
export class UsageRun {
  readonly counts: UsageRunCounts = { records: 0, filtered: 0, dropped: 0 }
  readonly #tracker: UsageTracker
  readonly #tables: UsageTables
  readonly #reader: UsageReader
  readonly #sink: UsageSink
  readonly #patienceMs: number
  #startBootUs: number
  #overflow: readonly number[] = []
  #recursionMisses = 0

  constructor(tracker: UsageTracker, tables: UsageTables, sink: UsageSink, patienceMs = PATIENCE_MS) {
    this.#tracker = tracker
    this.#tables = tables
    this.#reader = tracker.reader()
    this.#sink = sink
    this.#patienceMs = patienceMs
    this.#startBootUs = sink.bootNow()
  }

  /** Ends an interval and publishes what it gave. One at a time. @throws what the kernel refuses with */
  async round({ top, filter }: UsageRoundSettings): Promise<void> {
    const sink = this.#sink
    const interval = { startBootUs: this.#startBootUs, endBootUs: sink.bootNow() }
    const reading = await this.#tables.turn()
    this.#startBootUs = interval.endBootUs
    this.#overflow = reading.overflow
    this.#recursionMisses = reading.recursionMisses
    const { records, filtered } = this.#reader.read({ reading, interval, facts: sink.facts, filter, top })
    this.counts.filtered += filtered
    await this.#publish(records)
  }

  /** A cgroup is gone. */
  cgroupRemoved(cgroupId: bigint, isV1: boolean): void {
    for (const { table, key } of this.#reader.cgroupRemoved?.(cgroupId, isV1) ?? []) this.#tables.forget(table, key)
  }

  /** For the heartbeat. */
  counters(): Readonly<Record<string, number>> {
    const { name, overflowNames } = this.#tracker
    const noRoom = overflowNames.map((what, index) => [`usage.${name}.noRoom.${what}`, this.#overflow[index] ?? 0] as const)
    return {
      [`usage.${name}.records`]: this.counts.records,
      [`usage.${name}.filtered`]: this.counts.filtered,
      [`usage.${name}.dropped`]: this.counts.dropped,
      [`usage.${name}.recursionMisses`]: this.#recursionMisses,
      ...Object.fromEntries(noRoom),
    }
  }

  async #publish(records: readonly UsageBody[]): Promise<void> {
    const sink = this.#sink
    for (let at = 0; at < records.length; at += SLICE) {
      if (!(await this.#hasRoom())) {
        const left = records.length - at
        this.counts.dropped += left
        return sink.drop(left)
      }
      for (const record of records.slice(at, at + SLICE)) {
        sink.publish(record)
        this.counts.records++
      }
      await setImmediate()
    }
  }

  async #hasRoom(): Promise<boolean> {
    const sink = this.#sink
    if (sink.bufferedBytes() <= MAX_BUFFERED_BYTES) return true
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, this.#patienceMs)))
    await Promise.race([sink.flush().catch(() => undefined), patience])
    clearTimeout(timer)
    return sink.bufferedBytes() <= MAX_BUFFERED_BYTES
  }
}
