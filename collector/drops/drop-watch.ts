// When events of this host were dropped or refused, which, and how many: the counters of the kernel and of the ledger are compared once a second, and a
// report becomes due at once after a pause, later at most every few seconds. The ledger has the exact sums; a report makes them an event,
// so that a rule can fire on it.
import type { CpuCounters } from '../../native/addon.js'
import { KIND_MAX } from '../../native/generated/layout.js'
import { ledgerNames } from '../ledger/account.js'
import { type DropGroup, groupOfKind } from './noise.js'

/** Least time between two reports of a group, microseconds. */
const EVERY_US = 5_000_000

/** What was dropped or refused within an interval. */
export interface DropReport {
  readonly group: DropGroup
  /** By the names of the ledger, the most frequent first. */
  readonly kinds: readonly string[]
  readonly dropped: number
  readonly refused: number
  readonly intervalUs: number
}

/** Counts by kind. */
export interface Counts {
  readonly dropped: readonly number[]
  readonly refused: readonly number[]
}

interface Pending {
  /** Dropped and refused events by kind. */
  readonly kinds: Map<number, number>
  dropped: number
  refused: number
  sinceUs: number
}

/** Compares the counters. */
export class DropWatch {
  #before: Counts
  readonly #pending: Record<DropGroup, Pending>
  readonly #reportedUs: Record<DropGroup, number> = { others: -Infinity, opens: -Infinity }
  #lookedUs: number

  /** @param before counters that an earlier collector reported; nothing for those that begin with this one */
  constructor(nowUs: number, before: Counts = { dropped: [], refused: [] }) {
    this.#before = before
    this.#lookedUs = nowUs
    this.#pending = { others: nothing(nowUs), opens: nothing(nowUs) }
  }

  /** Takes the counters. @param nowUs microseconds of any clock */
  look(now: Counts, nowUs: number): void {
    const before = this.#before
    this.#before = now
    for (let kind = 0; kind < KIND_MAX; kind++)
      this.#add(kind, grown(now.dropped, before.dropped, kind), grown(now.refused, before.refused, kind))
    this.#lookedUs = nowUs
  }

  /** Some reports are due. @param isLast all are */
  isDue(nowUs: number, isLast = false): boolean {
    return GROUPS.some((group) => this.#isDue(group, nowUs, isLast))
  }

  /** Publishes the reports that are due. One that is refused is due again. */
  report(nowUs: number, publish: (report: DropReport) => boolean, isLast = false): void {
    for (const group of GROUPS.filter((each) => this.#isDue(each, nowUs, isLast))) {
      const { kinds, dropped, refused, sinceUs } = this.#pending[group]
      const names = [...kinds].sort(([, one], [, other]) => other - one).map(([kind]) => ledgerNames(kind)[1])
      if (!publish({ group, kinds: names, dropped, refused, intervalUs: nowUs - sinceUs })) continue
      this.#pending[group] = nothing(nowUs)
      this.#reportedUs[group] = nowUs
    }
  }

  #isDue(group: DropGroup, nowUs: number, isLast: boolean): boolean {
    return this.#pending[group].kinds.size > 0 && (isLast || nowUs - this.#reportedUs[group] >= EVERY_US)
  }

  #add(kind: number, dropped: number, refused: number): void {
    if (dropped + refused === 0) return
    const pending = this.#pending[groupOfKind(kind)]
    if (pending.kinds.size === 0) pending.sinceUs = this.#lookedUs
    pending.kinds.set(kind, (pending.kinds.get(kind) ?? 0) + dropped + refused)
    pending.dropped += dropped
    pending.refused += refused
  }
}

/** Counts now. @param refused by budgets, by kind @param lostOf lost by the collector and its spool, of a kind */
export function countsOf(counters: readonly CpuCounters[], refused: readonly number[], lostOf: (kind: number) => number): Counts {
  const dropped = Array.from({ length: KIND_MAX }, (_, kind) => lostOf(kind))
  for (const cpu of counters) cpu.dropped.forEach((count, kind) => (dropped[kind] = (dropped[kind] ?? 0) + count))
  return { dropped, refused }
}

const GROUPS = ['others', 'opens'] as const

const nothing = (sinceUs: number): Pending => ({ kinds: new Map(), dropped: 0, refused: 0, sinceUs })

const grown = (now: readonly number[], before: readonly number[], kind: number): number =>
  Math.max(0, (now[kind] ?? 0) - (before[kind] ?? 0))
