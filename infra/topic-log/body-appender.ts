// The port of a topic log that takes and returns whole batches, for the spool on disk. A body is the records of one batch in Kafka's format
// v2, without the header: producer, sequence and checksum are written when it is sent.
import type { AckListener, LossListener, TopicAppender } from './topic-log.js'
import type { TopicKey } from './topics.js'

/** Records of one batch, in append order. */
export interface RecordBody {
  readonly count: number
  /** Time of the first record, Unix milliseconds; the times of the others are relative to it. */
  readonly baseTimestampMs: number
  /** Latest time of a record, Unix milliseconds. */
  readonly maxTimestampMs: number
  /** Number of the compression codec (bits 0-2 of a batch's attributes); 0 for plain. */
  readonly attributes: number
  readonly records: Uint8Array
}

/** A body held by an appender. */
export interface HeldBody extends RecordBody {
  /** Mark of its last record. */
  readonly lastMark: number
}

/** An appender that takes and returns bodies. */
export interface BodyAppender extends TopicAppender {
  /**
   * Takes all records of a body, as if each were appended with `mark`. The bytes are copied before it returns.
   * @param key of all its records
   * @returns the same as `append`
   */
  appendBody(topic: TopicKey, key: Uint8Array, body: RecordBody, mark: number): boolean
  /**
   * Unacknowledged bodies of a topic and key, oldest first, without acknowledged halves of a divided batch. They remain held. The bodies are
   * views, valid until the caller returns to the event loop.
   */
  held(topic: TopicKey, key: Uint8Array): readonly HeldBody[]
}

/** A topic log whose appenders take and return bodies. */
export interface BodyLog {
  appender(onAck: AckListener, onLoss: LossListener): Promise<BodyAppender>
}

export { crc32c } from '@node-rs/crc32'
