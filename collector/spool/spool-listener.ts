// The port from the spool to the ledger. Records are counted oldest first per topic: the spool never names single ones. Accounts have names and not
// the ledger's numbers, because later versions read them from disk.
import type { TopicKey } from '../../infra/topic-log/topics.js'
import type { SpoolOutcome } from '../ledger/account.js'

/** Records of one kind and CPU; CPU -1 for the collector's own records. */
export interface AccountCount {
  readonly kind: string
  readonly cpu: number
  readonly count: number
}

/** A sum of counts. */
export class AccountCounts {
  readonly #counts = new Map<string, AccountCount>()
  /** Total. */
  records = 0

  add(counts: readonly AccountCount[]): void {
    for (const { kind, cpu, count } of counts) this.#change(kind, cpu, count)
  }

  subtract(counts: readonly AccountCount[]): void {
    for (const { kind, cpu, count } of counts) this.#change(kind, cpu, -count)
  }

  list(): AccountCount[] {
    return [...this.#counts.values()]
  }

  #change(kind: string, cpu: number, by: number): void {
    const key = `${kind} ${String(cpu)}`
    const count = (this.#counts.get(key)?.count ?? 0) + by
    if (count === 0) this.#counts.delete(key)
    else this.#counts.set(key, { kind, cpu, count })
    this.records += by
  }
}

/** The first `records` of the counts, and the others. */
export function splitCounts(counts: readonly AccountCount[], records: number): readonly [first: AccountCount[], rest: AccountCount[]] {
  const first: AccountCount[] = []
  const rest: AccountCount[] = []
  let left = records
  for (const { kind, cpu, count } of counts) {
    const taken = Math.min(left, count)
    left -= taken
    if (taken > 0) first.push({ kind, cpu, count: taken })
    if (taken < count) rest.push({ kind, cpu, count: count - taken })
  }
  return [first, rest]
}

/** Implemented by the publisher. */
export interface SpoolListener {
  /** Returns the accounts of the oldest `records` of a topic in memory, without removing them. */
  accountsOf(topic: TopicKey, records: number): readonly AccountCount[]
  /** The oldest `records` in memory are in the spool: everything up to `mark` is safe. */
  onSpooled(topic: TopicKey, records: number, mark: number): void
  /** Records left the spool. `isInherited`: they came from an earlier run. */
  onUnspooled(topic: TopicKey, accounts: readonly AccountCount[], outcome: SpoolOutcome, isInherited: boolean): void
  /** The oldest `records` in memory are acknowledged. */
  onAck(topic: TopicKey, records: number): void
  /** The oldest `records` in memory are lost. */
  onLoss(topic: TopicKey, records: number, reason: string): void
  /** Everything up to `mark` is safe, or lost and counted. */
  onMark(topic: TopicKey, mark: number): void
}
