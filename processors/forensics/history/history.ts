// The port to the past: what topics and archive have, as one sequence of records for each partition. A slice is the unit of reading: it is planned once,
// can be written down (JSON), and gives the same records wherever and how often it is read.
import type { OffsetRange, RecordBatch } from '../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'

/** Which records. */
export interface HistoryQuery {
  readonly topics: readonly TopicKey[]
  /** Times of records in their topics, [fromMs, toMs), Unix milliseconds: those of their events, but at most five minutes ahead of the broker. */
  readonly fromMs: number
  readonly toMs: number
  /** Only records with these keys (ids of hosts); default all. */
  readonly keys?: readonly string[]
  /** Only events of these types; an object that has none of them is skipped. Records of other types may come all the same. */
  readonly kinds?: readonly string[]
  /** Where a record is read from that topic and archive have; default the topic. */
  readonly prefer?: 'topic' | 'archive'
  /**
   * Records are not in order of their times: a topic is read to its end. With it, only up to the first record that is this much later than `toMs`;
   * earlier records after that one are left out.
   */
  readonly lateMs?: number
}

/** A part of a partition, in one place. */
export interface Slice {
  readonly topic: TopicKey
  readonly partition: number
  /** Offsets [from, to). */
  readonly from: number
  readonly to: number
  /** Of the query: a slice has records of other times and keys too, which `read` leaves out. */
  readonly fromMs: number
  readonly toMs: number
  readonly keys: readonly string[] | null
  /** Name of an object of the archive; null for the topic. */
  readonly object: string | null
  /** SHA-256 of the object; null for the topic. */
  readonly sha256: string | null
  /** Records, at most; null when it is not known. */
  readonly records: number | null
}

/** What a plan says of one partition. */
export interface PartitionAccount {
  readonly topic: TopicKey
  readonly partition: number
  /** Offsets [from, to) that may have records of the time: each is in a slice, skipped or missing. */
  readonly range: OffsetRange
  /** Records that statistics leave out: of other times, hosts or types. */
  readonly skipped: readonly OffsetRange[]
  /** Neither in the topic nor in the archive, with the reason: retention, damage. Their times are not known. */
  readonly missing: readonly DamagedRecords[]
}

/** How a query is answered. */
export interface HistoryPlan {
  readonly slices: readonly Slice[]
  readonly partitions: readonly PartitionAccount[]
}

/** Records that can't be read. */
export interface DamagedRecords {
  readonly offsets: OffsetRange
  readonly reason: string
}

/** How a slice is read. */
export interface SliceOptions {
  readonly signal: AbortSignal
  /** Called for what can't be read; it is left out. */
  readonly onDamaged: (damaged: DamagedRecords) => void
  /** SQL over the columns of the archive, of which every wanted record is true: others may be left out. Slices of topics ignore it. */
  readonly where?: string
}

/** Topics and archive as one. */
export interface History {
  /** @throws EunomiaError when neither a broker nor the archive answers */
  plan(query: HistoryQuery): Promise<HistoryPlan>
  /** The records of a slice in order of their offsets, with those of the query's times and keys only. A batch is valid until the next one. */
  read(slice: Slice, options: SliceOptions): AsyncIterable<RecordBatch>
  close(): Promise<void>
}
