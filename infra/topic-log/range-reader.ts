// The port to the past of topics: reading ranges of partitions without a group, as often as wanted. Implemented by infra/kafka/range-reader.ts.
import type { DamagedBatch, RecordBatch } from './topic-log.js'
import type { TopicKey } from './topics.js'

/** What a partition has for readers of committed records: offsets [first, end). */
export interface PartitionBounds {
  readonly topic: TopicKey
  readonly partition: number
  /** First offset that is kept; retention moves it. */
  readonly first: number
  /** Offset before which all transactions have ended. */
  readonly end: number
}

/** Offsets [from, to) of a partition. */
export interface PartitionRange {
  readonly topic: TopicKey
  readonly partition: number
  readonly from: number
  /** At most the end of the bounds. */
  readonly to: number
}

/** How a range is read. */
export interface RangeOptions {
  readonly signal: AbortSignal
  /** Records that can't be read, or were removed since the bounds were asked for: they are left out. */
  readonly onDamaged: (damaged: DamagedBatch) => void
}

/** Reads ranges. Its methods throw KafkaUnreachableError, KafkaRefusedError and KafkaTopicError. */
export interface RangeReader {
  /** Of all partitions of these topics, in order of the topics and of their partitions. */
  bounds(topics: readonly TopicKey[]): Promise<readonly PartitionBounds[]>
  /**
   * Of each partition of the bounds, the first offset whose record has this time or a later one; its end if there is none. All records before it
   * are earlier; those after it need not be later.
   * @param timestampMs Unix milliseconds
   */
  firstAt(bounds: readonly PartitionBounds[], timestampMs: number): Promise<readonly number[]>
  /** The committed records of a range, in order. Ends at its end, also if there are no records. A batch is valid until the next one. */
  read(range: PartitionRange, options: RangeOptions): AsyncIterable<RecordBatch>
  close(): Promise<void>
}
