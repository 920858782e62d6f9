// The port of a topic log that takes and returns records as whole batches. The spool on disk needs it.
// A body is the records of one batch as Kafka's format v2 has them, without header: producer, sequence and checksum are stamped when it is sent.
import type { AckListener, LossListener, TopicAppender } from './topic-log.js'
import type { TopicKey } from './topics.js'

/** Records of one batch, in the order of their appends. */
export interface RecordBody {
  /** Number of records. */
  readonly count: number
  /** Time of the first record, Unix milliseconds; the times of the others are relative to it. */
  readonly baseTimestampMs: number
  /** Latest time of a record, Unix milliseconds. */
  readonly maxTimestampMs: number
  /** Number of the codec that the records are compressed with (bits 0-2 of a batch's attributes); 0 for plain. */
  readonly attributes: number
  /** The records. */
  readonly records: Uint8Array
}

/** A body that an appender holds. */
export interface HeldBody extends RecordBody {
  /** Mark of its last record. */
  readonly lastMark: number
}

/** An appender that takes and returns bodies. */
export interface BodyAppender extends TopicAppender {
  /**
   * Takes all records of a body, as if each had been appended with `mark`; the bytes are copied before it returns.
   * @param key key of all its records
   * @returns as `append` does
   */
  appendBody(topic: TopicKey, key: Uint8Array, body: RecordBody, mark: number): boolean
  /**
   * What it holds of a topic and key and can't say to be safe, oldest first: all that was appended and not acknowledged, but for halves of a divided batch
   * that are through. It stays held. The bodies are views: valid until the caller returns to the event loop.
   */
  held(topic: TopicKey, key: Uint8Array): readonly HeldBody[]
}

/** A log whose appenders take and return bodies. */
export interface BodyLog {
  appender(onAck: AckListener, onLoss: LossListener): Promise<BodyAppender>
}

export { crc32c } from '@node-rs/crc32'
