// What the fetch side yields for a partition: runs of records that are read in place, and what lies between them. Knows no group and no broker.
import type { RecordBatch } from '../../topic-log/topic-log.js'

/** Where to read next. */
export interface PartitionPosition {
  /** Name in Kafka. */
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/**
 * What a partition yields, in offset order. `nextOffset` is where the next item starts.
 * - `records`: visible records (of committed transactions, or of none). `nextOffset` is also past the control batches, aborted records and
 *   gaps that follow them. `isBehind`: the log had more after them when they were fetched.
 * - `passed`: nothing visible up to `nextOffset`.
 * - `damaged`: one batch that can't be read, also when it was fetched a second time. `bytes` are the first of it, a copy.
 * - `reset`: the offset is not in the log. If retention removed it, the log starts at `to`, and `records` were not read. If the log ends before
 *   it (an unclean election), `to` is the end and `records` is 0: what was read before is not read again.
 */
export type Fetched =
  | { readonly kind: 'records'; readonly batch: FetchedBatch; readonly nextOffset: number; readonly isBehind?: boolean }
  | { readonly kind: 'passed'; readonly nextOffset: number }
  | {
      readonly kind: 'damaged'
      readonly firstOffset: number
      readonly nextOffset: number
      readonly reason: string
      readonly bytes: Uint8Array
    }
  | { readonly kind: 'reset'; readonly from: number; readonly to: number; readonly records: number }

/** Records of one partition, all checked before they are yielded: walking them never fails. */
export interface FetchedBatch extends RecordBatch {
  /** Time of its first record, Unix milliseconds; null after the release. */
  readonly firstTimestampMs: number | null
  /** Drops the records below `offset`, which are finished: the batch starts after them, before its first record. It may become empty. */
  skipTo(offset: number): void
  /** Frees the bytes; spans are invalid afterwards, and `next()` throws. Idempotent. */
  release(): void
}

/** How far a partition is read, by the last answer of its leader. One that is given up is reported as read to its end. */
export interface PartitionLag {
  readonly topic: string
  readonly partition: number
  /** Offset after the last replicated record. */
  readonly highWatermark: number
  /** Offset of the first record that is kept. */
  readonly logStart: number
  /** Offset of the first record that is not released, or of the next item. */
  readonly position: number
  /** Kafka timestamp of the record batch at the position, Unix milliseconds; null if it is not fetched. */
  readonly timestampMs: number | null
}

/** Counters of a fetcher. */
export interface FetcherFigures {
  /** Bytes of requests in flight (their bound), of answers, and of unpacked records that are not released. */
  readonly heldBytes: number
  /** Batches that were yielded and not released. */
  readonly leases: number
  readonly fetches: number
  /** Damaged batches yielded. */
  readonly damagedBatches: number
  /** Batches fetched a second time because they were damaged. */
  readonly refetchedBatches: number
}
