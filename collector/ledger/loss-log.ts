// When events were lost: the accounts are compared with those of the look before, once a second, so that each loss has its second.
// The sums of the ledger stay what is exact; this says when they grew.
import type { Loss } from '../../schemas/generated/types.js'
import type { Account } from './account.js'

/** From so many losses between two heartbeats on, those of an account are added to its last one, whose time grows. */
export const MAX_LOSSES = 4096
/** Losses that are kept for those who ask. */
const MAX_RECENT = 1024

const PLACES = [
  ['kernel', 'droppedRing'],
  ['collector', 'droppedCollector'],
  ['spool', 'droppedSpool'],
] as const

/** Looks at accounts, and keeps what they lost since. */
export class LossLog {
  /** Losses that were added to another one for want of room. */
  merged = 0
  /** Since the last heartbeat, by account and place the last one of each. */
  #losses: Loss[] = []
  #recent: Loss[] = []
  readonly #before = new Map<string, number>()
  #lookedUs = 0

  /** What is lost from here on is told. @param accounts what was lost until now @param nowUs Unix time, microseconds */
  begin(accounts: readonly Account[], nowUs: number): void {
    this.#lookedUs = nowUs
    this.#compare(accounts)
  }

  /** The latest losses, the oldest first. */
  get recent(): readonly Loss[] {
    return this.#recent
  }

  /** Compares with the look before. */
  look(accounts: readonly Account[], nowUs: number): void {
    const span = { fromUs: this.#lookedUs, untilUs: nowUs }
    this.#lookedUs = nowUs
    for (const { topic, kind, cpu, where, count } of this.#compare(accounts)) this.#add({ ...span, topic, kind, cpu, where, count })
  }

  /** What was lost since the last call. */
  take(): Loss[] {
    const losses = this.#losses
    this.#losses = []
    return losses
  }

  /** Those of a heartbeat that was not taken: the next one tells them. */
  putBack(losses: readonly Loss[]): void {
    const since = this.#losses
    this.#losses = []
    for (const loss of [...losses, ...since]) this.#keep(loss)
  }

  #compare(accounts: readonly Account[]): Omit<Loss, 'fromUs' | 'untilUs'>[] {
    return accounts.flatMap((account) => {
      const { topic, kind, cpu, isInherited } = account
      return PLACES.flatMap(([where, column]) => {
        const key = `${topic} ${kind} ${String(cpu)} ${String(isInherited)} ${where}`
        const count = account[column] - (this.#before.get(key) ?? 0)
        if (count !== 0) this.#before.set(key, account[column])
        return count > 0 ? { topic, kind, cpu, where, count } : []
      })
    })
  }

  #add(loss: Loss): void {
    this.#recent.push(loss)
    if (this.#recent.length > MAX_RECENT) this.#recent = this.#recent.slice(-MAX_RECENT / 2)
    this.#keep(loss)
  }

  #keep(loss: Loss): void {
    const isSame = ({ topic, kind, cpu, where }: Loss): boolean =>
      topic === loss.topic && kind === loss.kind && cpu === loss.cpu && where === loss.where
    const at = this.#losses.length < MAX_LOSSES ? -1 : this.#losses.findLastIndex(isSame)
    const known = this.#losses[at]
    // The first of its account always has room: accounts are bounded, too.
    if (known === undefined) return void this.#losses.push(loss)
    this.merged++
    this.#losses[at] = { ...known, untilUs: loss.untilUs, count: known.count + loss.count }
  }
}
