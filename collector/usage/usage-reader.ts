// What turns the tables of one program into aggregates: the port between the rounds and the programs that they read.
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
  /** Most aggregates that are told one by one. */
  readonly top: number
}

/** What a round gave. */
export interface UsageResult {
  readonly records: readonly UsageBody[]
  /** Aggregates that the filter left out. */
  readonly filtered: number
}

/** Keeps what a program needs from one interval to the next; made when the program is started. */
export interface UsageReader {
  read(round: UsageRound): UsageResult
  /** A record of the last reading is on its way to the log. What is not said to be was dropped, and is told again where that can be. */
  published?(record: UsageBody): void
  /** @param gone cgroups that had gone before the last reading, as `cgroupKey` names them */
  forget?(gone: ReadonlySet<string>): ForgottenCgroups
  /** Entries of a time before, in tables that were counted into before: they are to be forgotten. */
  leftovers?(reading: UsageReading): readonly ForgottenEntry[]
}

/** What is to be forgotten of cgroups that are gone. */
export interface ForgottenCgroups {
  readonly entries: readonly ForgottenEntry[]
  /** Those that have something to tell yet: they are to be given again behind the next reading. */
  readonly kept: readonly string[]
}

/** An entry of a table that is never emptied. */
export interface ForgottenEntry {
  readonly table: string
  readonly key: Uint8Array
}

/** A program that a person can start and stop. */
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
