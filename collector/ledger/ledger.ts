// The loss ledger: for each kind of event and CPU what the hook saw, and what became of it.
// emitted = published + droppedRing + droppedCollector + suppressed + in flight, exactly. `emitted` here is what the hook saw, as host.avsc says:
// the kernel's counter of that name (what passed the filters) plus what the filters left out.
import type { CpuCounters } from '../../native/kernel-session.js'
import type { LedgerEntry } from '../../schemas/generated/types.js'
import { KIND_MAX } from '../ring-events/event-kinds.js'
import { LEDGER_KINDS, ledgerNames } from './ledger-kinds.js'

/** One account with what is under way: in the ring, in the collector, or sent and not acknowledged. */
export interface Account extends LedgerEntry {
  readonly inFlight: number
}

/** cpu of what the collector makes. */
const OWN_CPU = -1

/** Keeps the accounts. Counts are per kind and CPU; CPU -1 is the collector itself. */
export class Ledger {
  readonly #cpus: number
  readonly #published: Float64Array
  readonly #dropped: Float64Array
  /** Made by the collector itself, per kind. */
  readonly #made: Float64Array
  /** Records whose kind or CPU is none that can be accounted for: mangled, or of a newer kernel side. */
  unaccounted = 0

  constructor(cpus: number) {
    this.#cpus = cpus
    this.#published = new Float64Array((cpus + 1) * LEDGER_KINDS)
    this.#dropped = new Float64Array((cpus + 1) * LEDGER_KINDS)
    this.#made = new Float64Array(LEDGER_KINDS)
  }

  /** The account of a kind on a CPU, a small number for `published` and `dropped`; -1 for none. */
  accountOf(kind: number, cpu: number): number {
    if (kind >= LEDGER_KINDS || cpu < OWN_CPU || cpu >= this.#cpus) return -1
    return (cpu + 1) * LEDGER_KINDS + kind
  }

  /** The collector made a record of its own. @returns its sequence number */
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

  /** The collector lost one event of the account. */
  dropped(account: number): void {
    if (account < 0) this.unaccounted++
    else this.#dropped[account] = (this.#dropped[account] ?? 0) + 1
  }

  /** All accounts in which something happened. Read the counters after the last event was accounted for, so that nothing is in flight twice. */
  accounts(counters: readonly CpuCounters[]): Account[] {
    const accounts: Account[] = []
    for (let cpu = OWN_CPU; cpu < this.#cpus; cpu++) {
      for (let kind = 0; kind < LEDGER_KINDS; kind++) {
        const account = this.#account(kind, cpu, counters[cpu])
        if (account !== null) accounts.push(account)
      }
    }
    return accounts
  }

  #account(kind: number, cpu: number, counters: CpuCounters | undefined): Account | null {
    const index = this.accountOf(kind, cpu)
    const published = this.#published[index] ?? 0
    const droppedCollector = this.#dropped[index] ?? 0
    const isOwn = cpu === OWN_CPU || kind >= KIND_MAX
    const passed = isOwn ? this.#ownMade(kind, cpu) : (counters?.emitted[kind] ?? 0)
    const suppressed = isOwn ? 0 : (counters?.suppressed[kind] ?? 0)
    const droppedRing = isOwn ? 0 : (counters?.dropped[kind] ?? 0)
    if (passed + suppressed + published + droppedCollector === 0) return null
    const emitted = passed + suppressed
    const inFlight = emitted - published - droppedRing - droppedCollector - suppressed
    const [topic, name] = ledgerNames(kind)
    return { topic, kind: name, cpu, emitted, published, droppedRing, droppedCollector, suppressed, inFlight }
  }

  #ownMade(kind: number, cpu: number): number {
    return cpu === OWN_CPU ? (this.#made[kind] ?? 0) : 0
  }
}
