// Accounts of the records that earlier runs left in the spool. They were emitted before this run began, so they have accounts of their own, whose `emitted`
// is what was found at the start: emitted = published + droppedCollector + droppedSpool + spooled.
import type { Account, SpoolOutcome } from './account.js'

/** Kind of records of which damage left nothing but their number. */
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
export class InheritedAccounts {
  readonly #accounts = new Map<string, InheritedAccount>()

  /** Records that wait in the spool at the start. */
  found(topic: string, kind: string, cpu: number, count: number): void {
    this.#account(topic, kind, cpu).emitted += count
  }

  /** Records that damage took, with what kinds they were. */
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
