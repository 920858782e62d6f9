// What a tracker told and what it did not, over all its starts and stops: counters of the heartbeat never fall.
import type { UsageReading } from '../../native/addon.js'
import type { UsageTracker } from './usage-reader.js'

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
export function overflowSince({ overflow }: Cumulated, before: Cumulated): readonly number[] {
  return overflow.map((count, index) => count - (before.overflow[index] ?? 0))
}
