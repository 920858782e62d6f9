// The port where collector and functions meet: an ordered log of records per topic and partition.
// Implemented by infra/kafka (a broker) and memory-log/ (one process). Knows bytes, never their meaning.
import { EunomiaError } from '../process/errors.js'
import type { TopicKey } from './topics.js'

/**
 * Reports that everything appended to `topic` with a mark up to and including `mark` is safe (acknowledged by all in-sync replicas, or in the
 * memory log). Per topic marks arrive in the order of the appends.
 */
export type AckListener = (topic: TopicKey, mark: number, records: number) => void

/** Reports records that are lost; the ledger counts them. */
export type LossListener = (topic: TopicKey, mark: number, records: number, reason: string) => void

/** Key, value and time of a record; the value is value[valueStart, valueEnd). */
export interface RecordContent {
  /** Decides the partition (murmur2, as Kafka's default partitioner). */
  key: Uint8Array
  /** Holds the value: wire format (magic, schema id, Avro). */
  value: Uint8Array
  valueStart: number
  valueEnd: number
  /** Wall time, Unix milliseconds. */
  timestampMs: number
}

/** A record to append. A hot path fills one object again and again: nobody keeps it after `append` returns. */
export interface AppendRecord extends RecordContent {
  topic: TopicKey
  /** Number of the caller's own, growing per topic, returned by the AckListener. */
  mark: number
}

/** Appends records. Bounded in memory: a false from `append` means wait for `drained`. */
export interface TopicAppender {
  /**
   * Takes one record; the bytes are copied before it returns, so the caller may reuse its buffers and the object.
   * @returns false when the buffer bound is reached: the record is taken, but await `drained()` before more
   * @throws LogFullError when the caller did not wait and the hard bound (twice the buffer bound) is reached
   */
  append(record: AppendRecord): boolean
  /** Resolves when there is room again (half of the bound). */
  drained(): Promise<void>
  /** Sends what is open, and resolves when all that was appended before is acknowledged. Rejects when the appender failed for good. */
  flush(): Promise<void>
  /** Bytes held: open, waiting and in flight. */
  readonly bufferedBytes: number
  /** Growing counters by name: retries, refused records. */
  readonly counters?: Readonly<Record<string, number>>
  /** Wall clock of this machine minus that of the log's brokers, milliseconds; null while not known. */
  readonly clockOffsetMs?: number | null
  /** Flushes for at most `drainMs`, then ends. The rest is reported to the LossListener. */
  close(drainMs?: number): Promise<void>
}

/**
 * Records fetched from one partition, walked in place. The fields describe the record that `next()` moved to; spans are valid until the
 * batch is released. No object is made per record.
 */
export interface RecordBatch {
  readonly topic: TopicKey
  readonly partition: number
  /** Number of records. */
  readonly length: number
  readonly firstOffset: number
  readonly lastOffset: number
  /** Moves to the next record; false after the last. */
  next(): boolean
  /** Moves in front of the first record again. */
  rewind(): void
  /** Index of the current record, 0..length-1; -1 in front of the first. */
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
}

/** One output of a function, to be appended together with the offsets of what it was made from. */
export interface OutputRecord {
  readonly topic: TopicKey
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly timestampMs: number
}

/** What a batch handler returns: which records are finished, and their outputs. Every log checks it with {@link checkBatchResult}. */
export interface BatchResult {
  /**
   * Every record of the batch below this offset is finished; the group continues here. The batch's first offset: nothing is finished, there
   * are no outputs, and the batch is offered again after `restMs`, or without it after a pause that grows.
   */
  readonly nextOffset: number
  readonly outputs: readonly OutputRecord[]
  /** The partition rests for so long before its next batch is given, milliseconds; the other partitions go on. Default 0. */
  readonly restMs?: number
}

/** Handles one batch. A rejection is retried by the log's consumer from the last committed offset. */
export type BatchHandler = (batch: RecordBatch, signal: AbortSignal) => Promise<BatchResult>

/** Reads topics as a group: each partition is handled by one member, one batch after the other. */
export interface TopicConsumer {
  /** Settles as Part.done does. */
  readonly done: Promise<void>
  /** Finishes the batches under way, commits, leaves the group. */
  stop(reason: string): Promise<void>
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
  /** Topics that its outputs go to; default all. A reader has none: it needs no right to transactions, and is not given again what it handled. */
  readonly outputs?: readonly TopicKey[]
  /** A batch could not be handled and is tried again. */
  readonly onRetry?: (error: unknown, topic: TopicKey, partition: number, attempt: number) => void
  /** `records` of a partition were removed before the group had read them: the retention is too short, or the log is full. */
  readonly onMissed?: (topic: TopicKey, partition: number, records: number) => void
}

/** True for a group without outputs. */
export function isReader({ outputs }: Pick<ConsumeOptions, 'outputs'>): boolean {
  return outputs?.length === 0
}

/** A log of topics. */
export interface TopicLog {
  appender(onAck: AckListener, onLoss: LossListener): Promise<TopicAppender>
  /** Outputs and next offset of each batch are committed together, or neither. */
  consume(options: ConsumeOptions): Promise<TopicConsumer>
  close(): Promise<void>
}

/**
 * Checks a result. A handler may finish nothing (`nextOffset` is the batch's first offset), as when it is stopped while it waits: nothing is
 * committed, and the log offers the batch again after `restMs`, or without it after a pause that grows. It may not have outputs then, which would be appended each time.
 * @throws RangeError for an offset outside of the batch, and for outputs of no record; TypeError for an output to an undeclared topic
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

/** A group's outputs go to the topics that it declared: access rights and the recovery of transactions depend on it. */
function refuseUndeclaredOutput(
  { group, outputs: declared }: Pick<ConsumeOptions, 'group' | 'outputs'>,
  outputs: readonly OutputRecord[],
): void {
  const stray = outputs.find(({ topic }) => declared?.includes(topic) === false)
  if (stray !== undefined) throw new TypeError(`the group ${group} has no outputs for the topic ${stray.topic}`)
}

/** The appender holds twice its bound. Not taken: await `drained()`, then append again. */
export class LogFullError extends EunomiaError {
  static override readonly code = 'EUNOMIA_LOG_FULL'
  static override readonly isRetryable = true
}
