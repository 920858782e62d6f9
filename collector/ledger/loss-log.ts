// When events were lost: the accounts are compared once a second, so that each loss is dated to the second.
// The ledger has the exact sums; this log has the times at which they grew.
import type { Loss } from '../../schemas/generated/types.js'
import type { Account } from './account.js'

/** Above this number of losses between two heartbeats, a loss is merged into the last one of its account, whose time span grows. */
export const MAX_LOSSES = 4096
/** Most losses stored for the control API. */
const MAX_RECENT = 1024

const PLACES = [
  ['kernel', 'droppedRing'],
  ['collector', 'droppedCollector'],
  ['spool', 'droppedSpool'],
] as const

/** Compares accounts, and stores new losses. */
export class LossLog {
  /** Losses merged into another one at the bound. */
  merged = 0
  /** Losses since the last heartbeat. */
  #losses: Loss[] = []
  #recent: Loss[] = []
  readonly #before = new Map<string, number>()
  #comparedUs = 0

  /** Sets the baseline: later losses are reported. @param accounts the losses so far @param nowUs Unix time, microseconds */
  begin(accounts: readonly Account[], nowUs: number): void {
    this.#comparedUs = nowUs
    this.#compare(accounts)
  }

  /** The latest losses, oldest first. */
  get recent(): readonly Loss[] {
    return this.#recent
  }

  /** Compares with the previous accounts. */
  look(accounts: readonly Account[], nowUs: number): void {
    const span = { fromUs: this.#comparedUs, untilUs: nowUs }
    this.#comparedUs = nowUs
    for (const { topic, kind, cpu, where, count } of this.#compare(accounts)) this.#add({ ...span, topic, kind, cpu, where, count })
  }

  /** Returns the losses since the last call. */
  take(): Loss[] {
    const losses = this.#losses
    this.#losses = []
    return losses
  }

  /** Puts back the losses of a refused heartbeat: the next one reports them. */
  putBack(losses: readonly Loss[]): void {
    const since = this.#losses
    this.#losses = []
    for (const loss of [...losses, ...since]) this.#keep(loss)
  }

  #compare(accounts: readonly Account[]): Omit<Loss, 'fromUs' | 'untilUs'>[] {
    return accounts.flatMap((account) => {
      const { topic, kind, cpu, isInherited } = account
      return PLACES.flatMap(([where, column]) => {
        // Nearly all, and this is compared each second.
        if (account[column] === 0) return []
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
    // The first loss of an account always has room: accounts are bounded.
    if (known === undefined) return void this.#losses.push(loss)
    this.merged++
    this.#losses[at] = { ...known, untilUs: loss.untilUs, count: known.count + loss.count }
  }
}
