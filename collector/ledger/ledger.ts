// The loss ledger: for each kind of event and CPU, what the hook saw, and the outcome.
// emitted = published + droppedRing + droppedCollector + droppedSpool + suppressed + in flight, exactly; events in the spool are in flight.
// `emitted` is what the hook saw, as in host.avsc: the kernel's counter of that name (events that passed its filters) plus what they suppressed.
import type { CpuCounters } from '../../native/addon.js'
import { KIND_MAX } from '../../native/generated/layout.js'
import { type Account, type SpoolOutcome, LEDGER_KINDS, ledgerNames } from './account.js'

/** CPU of the collector's own records. */
const OWN_CPU = -1

/** Counts per kind and CPU; CPU -1 is the collector itself. */
export class Ledger {
  readonly #cpus: number
  readonly #published: Float64Array
  readonly #suppressed: Float64Array
  readonly #dropped: Float64Array
  readonly #droppedSpool: Float64Array
  readonly #spooled: Float64Array
  /** Records of earlier runs in the spool. */
  readonly inherited = new InheritedAccounts()
  /** Records produced by the collector, per kind. */
  readonly #made: Float64Array
  /** Records of an unknown kind or CPU: corrupt, or from newer programs. */
  unaccounted = 0

  constructor(cpus: number) {
    this.#cpus = cpus
    this.#published = new Float64Array((cpus + 1) * LEDGER_KINDS)
    this.#suppressed = new Float64Array((cpus + 1) * LEDGER_KINDS)
    this.#dropped = new Float64Array((cpus + 1) * LEDGER_KINDS)
    this.#droppedSpool = new Float64Array((cpus + 1) * LEDGER_KINDS)
    this.#spooled = new Float64Array((cpus + 1) * LEDGER_KINDS)
    this.#made = new Float64Array(LEDGER_KINDS)
  }

  /** The account of a kind on a CPU, a small number for `published` and `dropped`; -1 for none. */
  accountOf(kind: number, cpu: number): number {
    if (kind >= LEDGER_KINDS || cpu < OWN_CPU || cpu >= this.#cpus) return -1
    return (cpu + 1) * LEDGER_KINDS + kind
  }

  /** Kind and CPU of an account; null for -1. */
  kindOf(account: number): { readonly kind: number; readonly cpu: number } | null {
    return account < 0 ? null : { kind: account % LEDGER_KINDS, cpu: Math.floor(account / LEDGER_KINDS) + OWN_CPU }
  }

  /**
   * Restores the accounts of earlier collectors since the creation of the counters: records per account, and lost ones among them, as
   * `lostPairs` returned them. Records left in the spool count as published here; separate accounts track them.
   */
  restore(settled: ReadonlyMap<number, number>, lost: ReadonlyMap<number, number>): void {
    for (const [account, count] of settled) this.#published[account] = count
    for (const [place, count] of lost) {
      const account = place % this.#dropped.length
      const column = place < this.#dropped.length ? this.#dropped : this.#droppedSpool
      column[account] = count
      this.#published[account] = (this.#published[account] ?? 0) - count
    }
  }

  /** Pairs of place and count of the kernel's events that this and earlier collectors lost. Places of the spool's losses come after the others. */
  lostPairs(): number[] {
    const pairs: number[] = []
    ;[this.#dropped, this.#droppedSpool].forEach((column, index) => {
      // The first accounts are those of the collector's own records.
      for (let account = LEDGER_KINDS; account < column.length; account++) {
        const count = column[account] ?? 0
        if (count > 0) pairs.push(index * column.length + account, count)
      }
    })
    return pairs
  }

  /** Events of a kind of the kernel that this and earlier collectors lost, on all CPUs. */
  lostOf(kind: number): number {
    let lost = 0
    for (let cpu = 0; cpu < this.#cpus; cpu++) {
      const account = this.accountOf(kind, cpu)
      lost += (this.#dropped[account] ?? 0) + (this.#droppedSpool[account] ?? 0)
    }
    return lost
  }

  /** Counts a record of the collector. @returns its sequence number */
  make(kind: number): number {
    const made = (this.#made[kind] ?? 0) + 1
    this.#made[kind] = made
    return made
  }

  /** One event of the account is safe in its topic, or was consumed. */
  published(account: number): void {
    if (account < 0) this.unaccounted++
    else this.#published[account] = (this.#published[account] ?? 0) + 1
  }

  /** Nobody needs one event of the account. */
  suppressed(account: number): void {
    if (account < 0) this.unaccounted++
    else this.#suppressed[account] = (this.#suppressed[account] ?? 0) + 1
  }

  /** Events of a kind of the kernel that nobody needed, on all CPUs. */
  suppressedOf(kind: number): number {
    let suppressed = 0
    for (let cpu = 0; cpu < this.#cpus; cpu++) suppressed += this.#suppressed[this.accountOf(kind, cpu)] ?? 0
    return suppressed
  }

  /** The collector lost one event of the account. */
  dropped(account: number): void {
    if (account < 0) this.unaccounted++
    else this.#dropped[account] = (this.#dropped[account] ?? 0) + 1
  }

  /** `count` events of the account went into the spool. */
  spooled(account: number, count: number): void {
    if (account >= 0) this.#spooled[account] = (this.#spooled[account] ?? 0) + count
  }

  /** `count` events of the account left the spool: they are safe in their topic, or lost by the spool or after it. */
  unspooled(account: number, count: number, outcome: SpoolOutcome): void {
    if (account < 0) {
      this.unaccounted += count
      return
    }
    this.#spooled[account] = (this.#spooled[account] ?? 0) - count
    const column = { published: this.#published, droppedSpool: this.#droppedSpool, droppedCollector: this.#dropped }[outcome]
    column[account] = (column[account] ?? 0) + count
  }

  /** All accounts that are not zero. Read the counters after the last event was counted, so that nothing is in flight twice. */
  accounts(counters: readonly CpuCounters[]): Account[] {
    const accounts: Account[] = []
    for (let cpu = OWN_CPU; cpu < this.#cpus; cpu++) {
      for (let kind = 0; kind < LEDGER_KINDS; kind++) {
        const account = this.#account(kind, cpu, counters[cpu])
        if (account !== null) accounts.push(account)
      }
    }
    return [...accounts, ...this.inherited.accounts()]
  }

  #account(kind: number, cpu: number, counters: CpuCounters | undefined): Account | null {
    const index = this.accountOf(kind, cpu)
    const published = this.#published[index] ?? 0
    const droppedCollector = this.#dropped[index] ?? 0
    const droppedSpool = this.#droppedSpool[index] ?? 0
    const spooled = this.#spooled[index] ?? 0
    const isOwn = cpu === OWN_CPU || kind >= KIND_MAX
    const passed = isOwn ? this.#ownMade(kind, cpu) : (counters?.emitted[kind] ?? 0)
    const filtered = isOwn ? 0 : (counters?.suppressed[kind] ?? 0)
    const suppressed = filtered + (this.#suppressed[index] ?? 0)
    const droppedRing = isOwn ? 0 : (counters?.dropped[kind] ?? 0)
    if (passed + suppressed + published + droppedCollector + droppedSpool + spooled === 0) return null
    const emitted = passed + filtered
    const inFlight = emitted - published - droppedRing - droppedCollector - droppedSpool - suppressed
    const [topic, name] = ledgerNames(kind)
    const dropped = { droppedRing, droppedCollector, droppedSpool }
    return { topic, kind: name, cpu, emitted, published, ...dropped, suppressed, spooled, isInherited: false, inFlight }
  }

  #ownMade(kind: number, cpu: number): number {
    return cpu === OWN_CPU ? (this.#made[kind] ?? 0) : 0
  }
}

/** Kind of damaged records of which only the number is known. */
const UNKNOWN_KIND = 'unknown'

interface InheritedAccount {
  readonly topic: string
  readonly kind: string
  readonly cpu: number
  emitted: number
  published: number
  droppedSpool: number
  droppedCollector: number
}

/** By topic, kind and CPU. */
class InheritedAccounts {
  readonly #accounts = new Map<string, InheritedAccount>()

  /** Records in the spool at the start. */
  found(topic: string, kind: string, cpu: number, count: number): void {
    this.#account(topic, kind, cpu).emitted += count
  }

  /** Records lost to damage, of unknown kinds. */
  damaged(topic: string, count: number): void {
    const account = this.#account(topic, UNKNOWN_KIND, -1)
    account.emitted += count
    account.droppedSpool += count
  }

  /** Records that left the spool. */
  settled(topic: string, kind: string, cpu: number, count: number, outcome: SpoolOutcome): void {
    this.#account(topic, kind, cpu)[outcome] += count
  }

  /** All of them. */
  accounts(): Account[] {
    return [...this.#accounts.values()].map((account) => {
      const spooled = account.emitted - account.published - account.droppedSpool - account.droppedCollector
      return { ...account, droppedRing: 0, suppressed: 0, spooled, isInherited: true, inFlight: spooled }
    })
  }

  #account(topic: string, kind: string, cpu: number): InheritedAccount {
    const key = `${topic} ${kind} ${String(cpu)}`
    const known = this.#accounts.get(key)
    if (known !== undefined) return known
    const account = { topic, kind, cpu, emitted: 0, published: 0, droppedSpool: 0, droppedCollector: 0 }
    this.#accounts.set(key, account)
    return account
  }
}
