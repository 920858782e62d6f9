// What the spool asks of the collector's books, and tells them. Records are counted oldest first per topic: the spool never says which.
import type { TopicKey } from '../../infra/topic-log/topics.js'
import type { SpoolOutcome } from '../ledger/account.js'
import type { AccountCount } from './account-counts.js'

/** Kept by the publisher. */
export interface SpoolListener {
  /** The accounts of the oldest `records` of a topic that are in memory; they stay there. */
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
