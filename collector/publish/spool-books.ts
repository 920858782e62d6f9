// The ledger's side of the spool: the accounts of records that enter it, and the outcome when they leave.
import type { TopicKey } from '../../infra/topic-log/topics.js'
import { type SpoolOutcome, ledgerKindNamed, ledgerNames } from '../ledger/account.js'
import type { Ledger } from '../ledger/ledger.js'
import type { AccountCount } from '../spool/spool-listener.js'
import type { Spool } from '../spool/spool.js'
import type { AccountQueue } from './in-flight.js'

/** Kind of records without an account. */
const UNACCOUNTED = 'unaccounted'

export class SpoolBooks {
  readonly #ledger: Ledger
  readonly #inFlight: Readonly<Partial<Record<TopicKey, AccountQueue>>>

  /** @param inFlight accounts of the records in memory, oldest first */
  constructor(ledger: Ledger, inFlight: Readonly<Partial<Record<TopicKey, AccountQueue>>>) {
    this.#ledger = ledger
    this.#inFlight = inFlight
  }

  /** Opens accounts for the records of earlier runs. */
  inherit(spool: Spool): void {
    for (const { topic, accounts, damagedRecords } of spool.inherited()) {
      for (const { kind, cpu, count } of accounts) this.#ledger.inherited.found(topic, kind, cpu, count)
      if (damagedRecords > 0) this.#ledger.inherited.damaged(topic, damagedRecords)
    }
  }

  /** Returns the accounts of the oldest `records` in memory. */
  accountsOf(topic: TopicKey, records: number): AccountCount[] {
    const counts = new Map<number, number>()
    for (let index = 0; index < records; index++) {
      const account = this.#inFlight[topic]?.peek(index) ?? -1
      counts.set(account, (counts.get(account) ?? 0) + 1)
    }
    return [...counts].map(([account, count]) => {
      const named = this.#ledger.kindOf(account)
      return named === null ? { kind: UNACCOUNTED, cpu: -1, count } : { kind: ledgerNames(named.kind)[1], cpu: named.cpu, count }
    })
  }

  /** The oldest `records` in memory are in the spool. */
  spooled(topic: TopicKey, records: number): void {
    for (let record = 0; record < records; record++) {
      const account = this.#inFlight[topic]?.shift()
      if (account !== undefined) this.#ledger.spooled(account, 1)
    }
  }

  /** Records left the spool. */
  unspooled(topic: TopicKey, accounts: readonly AccountCount[], outcome: SpoolOutcome, isInherited: boolean): void {
    for (const { kind, cpu, count } of accounts) {
      if (isInherited) this.#ledger.inherited.settled(topic, kind, cpu, count, outcome)
      else this.#ledger.unspooled(this.#ledger.accountOf(ledgerKindNamed(topic, kind) ?? Infinity, cpu), count, outcome)
    }
  }
}
