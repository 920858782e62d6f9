// The port that turns the tables of one program into aggregates.
import type { UsageProgram, UsageReading } from '../../native/addon.js'
import type { UsageBody, UsageInterval } from './usage-aggregate.js'
import type { UsageFilter } from './usage-settings.js'
import type { OwnerFacts } from './usage-owner.js'

/** One interval of one program. */
export interface UsageRound {
  readonly reading: UsageReading
  readonly interval: UsageInterval
  readonly facts: OwnerFacts
  readonly filter: UsageFilter
  /** Most aggregates that are published individually. */
  readonly top: number
}

/** The result of a round. */
export interface UsageResult {
  readonly records: readonly UsageBody[]
  /** Aggregates that the filter suppressed. */
  readonly filtered: number
}

/** Holds the state of a program between intervals. Created when the program starts. */
export interface UsageReader {
  read(round: UsageRound): UsageResult
  /** Confirms a record of the last reading. Unconfirmed records were dropped, and are published again where possible. */
  published?(record: UsageBody): void
  /** @param gone cgroups removed before the last reading, as keys of `cgroupKey` */
  forget?(gone: ReadonlySet<string>): ForgottenCgroups
  /** Entries of an earlier run in reused tables, to be removed. */
  leftovers?(reading: UsageReading): readonly ForgottenEntry[]
}

/** What to remove after cgroups are gone. */
export interface ForgottenCgroups {
  readonly entries: readonly ForgottenEntry[]
  /** Cgroups with unpublished counts: to be passed again after the next reading. */
  readonly retained: readonly string[]
}

/** An entry of a table that is not cleared at each reading. */
export interface ForgottenEntry {
  readonly table: string
  readonly key: Uint8Array
}

/** A program that a user can start and stop. */
export interface UsageTracker {
  /** Name for people. */
  readonly name: string
  readonly description: string
  readonly program: UsageProgram
  /** Sizes of its tables. @param maxEntries bound of the settings */
  readonly entries: (maxEntries: number) => Readonly<Record<string, number>>
  /** What the numbers of its `overflow` count. */
  readonly overflowNames: readonly string[]
  readonly reader: () => UsageReader
}
