// The one interface of all functions. A function receives batches of records and emits records. It runs unchanged over a Kafka group, the
// embedded log or a replay. It knows no Kafka type and has no state between batches: what it must remember is in a store that is passed in.
import type { AssignedPartition, DeferredCommits, RecordBatch } from '../infra/topic-log/topic-log.js'
import type { TopicKey } from '../infra/topic-log/topics.js'
import type { Logger } from '../infra/process/logger.js'
import type { Metrics } from '../infra/process/metrics.js'
import type { ProjectedDecode as Decode } from '../schemas/codec.js'
import type { TopicRecords } from '../schemas/topics.js'
import type { Clock } from '../infra/waiting/clock.js'
import type { Membership } from './membership/membership.js'

/**
 * Records of one partition, in order, as a cursor: no object is created per record. Spans are views over fetched bytes, valid until
 * `handle` settles: copy what must live longer.
 */
export interface EventBatch {
  readonly topic: TopicKey
  /** Number of records. */
  readonly length: number
  /** Moves to the next record; false after the last. */
  next(): boolean
  /** Moves back to before the first record. */
  rewind(): void
  readonly partition: number
  /** Of the current record in its partition. */
  readonly offset: number
  /** Wall time of the current record in its topic, Unix milliseconds. */
  readonly timestampMs: number
  /** Value of the current record in wire format; a view. */
  readonly bytes: Uint8Array
  /** The current record as it is in its topic, with key and headers: for functions that copy records. */
  readonly record: Omit<RecordBatch, 'next' | 'rewind'>
  /**
   * Decodes the current record: whole, or the fields of a projection.
   * @param decode from the codec, created once for the topic of this batch
   * @throws RecordUnreadableError, SchemaUnknownError
   */
  value<Value>(decode: Decode<Value>): Value
  /**
   * Call it with the origin of the current record before anything follows from that record: whoever writes it may name any host in its body, while
   * ACLs and partitions go by the key.
   * @throws RecordForeignError when the key is not this host
   */
  requireHost(hostId: string): void
}

/** What a function may use while it handles one batch. */
export interface FunctionContext {
  /**
   * Emits a record. Outputs are appended together with the offsets of the records they come from, or not at all. It belongs to the current
   * record of the batch, and is dropped when that record stays unfinished.
   * @param key decides the partition: the host id for all topics but dead letters
   * @param timestampMs time of the record in its topic; default that of the current record
   * @throws OutputTooLargeError for a record that a broker would refuse
   */
  emit<Topic extends TopicKey>(topic: Topic, key: string, record: TopicRecords[Topic], timestampMs?: number): void
  /**
   * The current record can't be processed. After a retryable error, it and what follows are retried later; after any other, it goes to the
   * dead letters. Continue with the next record.
   */
  fail(error: unknown): void
  /** How long the partition rests before its next batch, milliseconds; the longest rest of a batch counts. */
  rest(ms: number): void
  /**
   * It is too early for this batch: nothing of it is finished, outputs and failures are dropped, and it is delivered again after `ms`
   * milliseconds. Nothing is written meanwhile, but what follows in its partition waits too.
   */
  defer(ms: number): void
  /** Who is in which container. */
  readonly membership: Membership
  readonly log: Logger
  readonly metrics: Metrics
  readonly clock: Clock
  /** Aborted when the function must stop: end what takes long, finish the batch. */
  readonly signal: AbortSignal
}

/** What all functions have. */
interface AnyFunction {
  /** Name, also of the consumer group. */
  readonly name: string
  /** Topics that it reads. */
  readonly inputs: readonly TopicKey[]
  /** Topics that it emits to; dead letters need not be named. */
  readonly outputs: readonly TopicKey[]
}

/** A function that has finished a record when `handle` has. */
export interface HandledFunction extends AnyFunction {
  readonly commit?: 'handled'
  /**
   * Handles one batch. When it throws something retryable, the batch is retried after a while; after anything else it is bisected
   * down to the record that makes it throw, which goes to the dead letters. A record may be passed to it more than once.
   */
  handle(batch: EventBatch, context: FunctionContext): Promise<void>
}

/** What a function with deferred commits may use, too. */
export interface DeferredContext extends FunctionContext {
  /** The partition of the batch: confirm its records here, by their offsets, when they are done. */
  readonly partition: AssignedPartition
}

/**
 * A function whose work on a record ends later than `handle`, as that of a delivery. It takes the records of a batch, and confirms each of them. A
 * record that is not confirmed is passed to it again after a restart or a rebalance, and with it later ones that were. Outputs may be repeated.
 */
export interface DeferredFunction extends AnyFunction, Omit<DeferredCommits, 'onPaused'> {
  readonly commit: 'deferred'
  /** As that of other functions. A record that goes to the dead letters counts as confirmed. */
  handle(batch: EventBatch, context: DeferredContext): Promise<void>
}

/** A function over topics. */
export type FunctionDefinition = HandledFunction | DeferredFunction

/** Defines a function; infers the types of its parts. */
export function defineFunction<Definition extends FunctionDefinition>(definition: Definition): Definition {
  return definition
}
