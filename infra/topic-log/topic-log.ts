// The port between collector and functions: an ordered log of records per topic and partition.
// Implemented by infra/kafka (brokers) and memory-log/ (one process). Knows bytes, not their meaning.
import { EunomiaError } from '../process/errors.js'
import type { TopicKey } from './topics.js'

/**
 * Everything appended to `topic` up to and including `mark` is safe: acknowledged by all in-sync replicas, or in the memory log. The marks of
 * a topic arrive in append order.
 */
export type AckListener = (topic: TopicKey, mark: number, records: number) => void

/** Records were lost; the ledger counts them. */
export type LossListener = (topic: TopicKey, mark: number, records: number, reason: string) => void

/** Key, value and time of a record; the value is value[valueStart, valueEnd). */
export interface RecordContent {
  /** Decides the partition (murmur2, as Kafka's default partitioner). */
  key: Uint8Array
  /** Buffer with the value in wire format (magic, schema id, Avro). */
  value: Uint8Array
  valueStart: number
  valueEnd: number
  /** Wall time, Unix milliseconds. */
  timestampMs: number
}

/** A record to append. Hot paths reuse one object, so nobody may store it. */
export interface AppendRecord extends RecordContent {
  topic: TopicKey
  /** A number of the caller, increasing per topic; the AckListener returns it. */
  mark: number
}

/** Appends records with bounded memory: after a false from `append`, wait for `drained`. */
export interface TopicAppender {
  /**
   * Takes one record. The bytes are copied before it returns, so the caller may reuse its buffers and the object.
   * @returns false if the buffer bound is reached: the record is taken, but await `drained()` before more
   * @throws LogFullError if the caller did not wait and the hard bound (twice the buffer bound) is reached
   */
  append(record: AppendRecord): boolean
  /** Resolves when at most half of the bound is used. @param topics where each topic has a bound, only these count; default all */
  drained(topics?: readonly TopicKey[]): Promise<void>
  /** Sends open batches, and resolves when everything appended before is acknowledged. Rejects if the appender is closed before. */
  flush(): Promise<void>
  /** Bytes held: open, waiting and in flight. */
  readonly bufferedBytes: number
  /** Counters by name: retries, refused records. */
  readonly counters?: Readonly<Record<string, number>>
  /** Wall clock of this host minus broker time, milliseconds; null while unknown. */
  readonly clockOffsetMs?: number | null
  /** Flushes for at most `drainMs`, reports the rest to the LossListener, and ends. */
  close(drainMs?: number): Promise<void>
}

/**
 * Records of one partition, read in place without an object per record. The fields describe the record that `next()` moved to; spans are valid
 * until the batch is released.
 */
export interface RecordBatch {
  readonly topic: TopicKey
  readonly partition: number
  readonly length: number
  readonly firstOffset: number
  readonly lastOffset: number
  /** Moves to the next record; false after the last. */
  next(): boolean
  /** Moves before the first record again. */
  rewind(): void
  /** Index of the current record, 0..length-1; -1 before the first. */
  readonly index: number
  /** Offset of the current record (below 2^53). */
  readonly offset: number
  readonly timestampMs: number
  /** Buffer that holds the key at [keyStart, keyEnd); keyStart is -1 for a null key. */
  readonly keyBytes: Uint8Array
  readonly keyStart: number
  readonly keyEnd: number
  /** Buffer that holds the value at [valueStart, valueEnd); valueStart is -1 for a tombstone. */
  readonly valueBytes: Uint8Array
  readonly valueStart: number
  readonly valueEnd: number
  /** Headers of the current record as they are in a batch of Kafka, with their count; null, or undefined, for none. */
  readonly headers?: Uint8Array | null
}

/** One output of a function, committed together with the offset of its input. */
export interface OutputRecord {
  readonly topic: TopicKey
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly timestampMs: number
}

/** Result of a batch handler: which records are finished, and their outputs. Every log checks it with {@link checkBatchResult}. */
export interface BatchResult {
  /**
   * Records of the batch below this offset are finished; the group continues here. With the batch's first offset, nothing is finished, there
   * must be no outputs, and the batch is passed again after `restMs`, or without it after increasing pauses.
   */
  readonly nextOffset: number
  /** Not views of the batch: its bytes may be freed before they are written. */
  readonly outputs: readonly OutputRecord[]
  /** Pause of this partition before its next batch, milliseconds; other partitions continue. Default 0. */
  readonly restMs?: number
  /** With deferred commits: records that count as confirmed once the outputs are written. */
  readonly confirmed?: readonly OffsetRange[]
}

/** The offsets from the first up to, but not including, the second. */
export type OffsetRange = readonly [from: number, to: number]

/**
 * Handles one batch. After a rejection, the consumer retries from the last committed offset; with deferred commits, the same batch.
 * @param assigned the partition of the batch, with deferred commits
 */
export type BatchHandler = (batch: RecordBatch, signal: AbortSignal, assigned?: AssignedPartition) => Promise<BatchResult>

/** Most bytes of the metadata of a commit: Kafka's default `offset.metadata.max.bytes`. */
export const MOST_METADATA_BYTES = 4_096

/** What is committed together. */
export interface FinishedStep {
  /** Above all that was committed before, and not above what was delivered. */
  readonly nextOffset: number
  readonly metadata: string
  readonly outputs: readonly OutputRecord[]
}

/** A partition of a member with deferred commits, until it is ended. */
export interface AssignedPartition {
  readonly topic: TopicKey
  readonly partition: number
  /** Where reading started: what the group has committed, or the start or end of the partition. */
  readonly nextOffset: number
  /** Stored with that offset; empty for none. */
  readonly metadata: string
  /** Records that were delivered and are not confirmed. */
  readonly unconfirmed: number
  /** These records are done, in any order; those that are so already, or were not delivered, are ignored. @param to default the next offset */
  confirm(from: number, to?: number): void
  /**
   * All records below an offset are done: commits it, with the metadata, and the outputs in one step, or neither. One at a time; meanwhile nothing
   * else is committed, and `ended` waits for it.
   * @returns false when the partition was given away or lost: then nothing is committed, or nobody knows
   * @throws LogFullError, and errors of the connections: nothing is committed
   */
  finish(step: FinishedStep): Promise<boolean>
  /** The metadata have changed: they are committed soon, also if the offset stays. */
  touch(): void
  /** What the owner knew of its work is gone: reading continues at the first record that is not confirmed. */
  rewind(): void
}

/**
 * Commits that follow later than the handler: what a handler finishes is only read. The committed offset is that of the first record that is not
 * confirmed. What is read again after it may have been confirmed before; outputs of the handler may be written again, too.
 */
export interface DeferredCommits {
  /** Records of a partition that may be delivered and not confirmed: with as many, its reading pauses. Default 10,000. */
  readonly maxUnconfirmed?: number
  /**
   * The member has a partition. Nothing of it is delivered before this resolves; if it fails, it is called again. If the member loses the partition
   * meanwhile, that does not wait for it.
   */
  assigned(partition: AssignedPartition): Promise<void> | void
  /**
   * The member gives the partition up, once for each `assigned` that resolved. What is confirmed until this resolves, at most 3 s, is committed, and nothing later.
   * @param isLost it is somebody else's already: nothing is committed any more
   */
  ended(partition: AssignedPartition, isLost: boolean): Promise<void> | void
  /**
   * What is stored with the offset of the next commit. Longer than MOST_METADATA_BYTES, nothing is committed, and reading pauses until confirmed
   * records make it shorter.
   */
  metadata?(partition: AssignedPartition, nextOffset: number): string
  /**
   * Offsets that will not be delivered: retention removed them, or they can't be read. Others that are missing between two records have none for
   * readers of committed records. Only a log of several processes calls it.
   */
  skipped?(partition: AssignedPartition, offsets: OffsetRange, reason: 'expired' | 'damaged'): void
  /** Reading of a partition pauses. */
  onPaused?(topic: TopicKey, partition: number): void
}

/** A group member. Each partition is read by one member, one batch after the other. */
export interface TopicConsumer {
  /** Settles as Part.done does. */
  readonly done: Promise<void>
  /** Finishes the current batches, commits, leaves the group. */
  stop(reason: string): Promise<void>
}

/** Records of a partition that can't be read, however often they are fetched. */
export interface DamagedBatch {
  readonly topic: TopicKey
  readonly partition: number
  readonly firstOffset: number
  readonly lastOffset: number
  readonly reason: string
  /** The first of its bytes, as the broker has them. */
  readonly bytes: Uint8Array
}

/** How a group reads. */
export interface ConsumeOptions {
  readonly group: string
  readonly topics: readonly TopicKey[]
  /** Where a group without committed offsets starts. */
  readonly from: 'earliest' | 'latest'
  /** Most bytes of one fetch per partition; default 1 MiB. */
  readonly maxBatchBytes?: number
  readonly handler: BatchHandler
  /** Topics of its outputs; default all. A reader has none: it needs no access to transactions, and gets no handled record again. */
  readonly outputs?: readonly TopicKey[]
  /** Default: what a handler finishes is committed at once. */
  readonly deferred?: DeferredCommits
  /** A batch failed and is retried. */
  readonly onRetry?: (error: unknown, topic: TopicKey, partition: number, attempt: number) => void
  /** Records are damaged; the group continues after them. The result is committed with the offset, as an output of a handler is. */
  readonly onDamaged?: (damaged: DamagedBatch) => OutputRecord | undefined
  /**
   * How far a partition is behind: records after the last finished one, and the age of the first of them in seconds; null while that is not known.
   * Called all the time, also while nothing is handled; with 0 when the member gives the partition up. Only a log of several processes calls it.
   */
  readonly onLag?: (topic: TopicKey, partition: number, records: number, seconds: number | null) => void
  /** How long a new owner of a partition waited for what the former one left open, seconds. Only a log of several processes calls it. */
  readonly onOwnerWait?: (topic: TopicKey, partition: number, seconds: number) => void
  /** How late the event loop was at a heartbeat of the member, seconds. Only a log of several processes calls it. */
  readonly onLate?: (seconds: number) => void
  /** `records` of a partition were removed before the group had read them: the retention is too short, or the log is full. */
  readonly onMissed?: (topic: TopicKey, partition: number, records: number) => void
}

/** True for a group without outputs. */
export function isReader({ outputs }: Pick<ConsumeOptions, 'outputs'>): boolean {
  return outputs?.length === 0
}

/** A log of topics: Kafka, or memory. */
export interface TopicLog {
  appender(onAck: AckListener, onLoss: LossListener): Promise<TopicAppender>
  /** Outputs and next offset of each batch are committed together, or neither. */
  consume(options: ConsumeOptions): Promise<TopicConsumer>
  close(): Promise<void>
}

/**
 * Checks a result. A handler that finishes no record must have no outputs, which would be appended again with each retry.
 * @throws RangeError for an offset outside of the batch, and for outputs without a finished record; TypeError for an output to an undeclared topic
 */
export function checkBatchResult(
  { nextOffset, outputs }: BatchResult,
  { firstOffset, lastOffset }: Pick<RecordBatch, 'firstOffset' | 'lastOffset'>,
  options: Pick<ConsumeOptions, 'group' | 'outputs'>,
): void {
  if (!Number.isSafeInteger(nextOffset) || nextOffset < firstOffset || nextOffset > lastOffset + 1) {
    throw new RangeError(`nextOffset ${String(nextOffset)} is outside of the batch ${String(firstOffset)}..${String(lastOffset)}`)
  }
  refuseUndeclaredOutput(options, outputs)
  if (nextOffset === firstOffset && outputs.length > 0) throw new RangeError('the handler has outputs but finished no record')
}

/** Outputs go to declared topics only: access rights and the recovery of transactions depend on it. @throws TypeError */
export function refuseUndeclaredOutput(
  { group, outputs: declared }: Pick<ConsumeOptions, 'group' | 'outputs'>,
  outputs: readonly OutputRecord[],
): void {
  const stray = outputs.find(({ topic }) => declared?.includes(topic) === false)
  if (stray !== undefined) throw new TypeError(`the group ${group} has no outputs for the topic ${stray.topic}`)
}

/** The appender holds twice its bound and did not take the record: await `drained()`, then append it again. */
export class LogFullError extends EunomiaError {
  static override readonly code = 'EUNOMIA_LOG_FULL'
  static override readonly isRetryable = true
}
