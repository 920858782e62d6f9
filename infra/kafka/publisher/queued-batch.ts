// A batch in the queue of its partition: the frame that it is written into and its state until the broker has it. Divides one
// that the broker refused as a whole. Knows no connection.
import type { ProducerIdentity } from '../transport.js'
import type { AckTicket } from './ack-order.js'
import { BATCH_HEADER_BYTES, MOST_RECORD_OVERHEAD, readRecords, RecordBatchWriter } from './record-batch.js'

/** One batch that the broker does not have yet. */
export interface QueuedBatch {
  writer: RecordBatchWriter
  readonly ticket: AckTicket
  lastMark: number
  /** What its records count in the publisher's bound: bytes before compression. */
  heldBytes: number
  /** Its time is over; it fills further only while others are before it. */
  hasLingered: boolean
  /** Compressed, or left plain. */
  isReady: boolean
  /** Its records can't be read, so their times stay as they are. */
  isUnreadable: boolean
  attempts: number
  producer: ProducerIdentity | undefined
  sequence: number
}

/** An empty batch in a frame that has room for at least `recordBytes`, after the head of its request. */
export function newQueuedBatch(pool: FramePool, head: Buffer, ticket: AckTicket, recordBytes: number): QueuedBatch {
  const frame = pool.take(head.length + BATCH_HEADER_BYTES + recordBytes)
  head.copy(frame)
  const writer = new RecordBatchWriter(frame, head.length)
  const state = { lastMark: -1, heldBytes: 0, hasLingered: false, isReady: false, isUnreadable: false, attempts: 0, sequence: 0 }
  return { writer, ticket, ...state, producer: undefined }
}

/**
 * Rewrites a batch so that no record has a later time than `latestMs`, in a frame of its own: an old socket may still read the first one.
 * @param plain its records before compression
 * @returns how many records got an earlier time
 */
export function clampTimes(batch: QueuedBatch, plain: Buffer, latestMs: number, pool: FramePool, head: Buffer): number {
  const { count, baseTimestampMs } = batch.writer
  const { writer } = newQueuedBatch(pool, head, batch.ticket, plain.length + count * MOST_RECORD_OVERHEAD)
  let clamped = 0
  readRecords(plain, count, (_, delta, keyStart, keyEnd, valueStart, valueEnd) => {
    const writtenMs = baseTimestampMs + delta
    if (writtenMs > latestMs) clamped++
    const timestampMs = Math.min(writtenMs, latestMs)
    writer.append({ key: plain.subarray(keyStart, keyEnd), value: plain, valueStart, valueEnd, timestampMs })
  })
  batch.writer = writer
  return clamped
}

/**
 * The records of a batch of two or more in two batches of their own, with the same ticket.
 * @param plain its records before compression
 */
export function halvesOf(batch: QueuedBatch, plain: Buffer, pool: FramePool, head: Buffer): readonly [QueuedBatch, QueuedBatch] {
  const { count, baseTimestampMs } = batch.writer
  const left = newQueuedBatch(pool, head, batch.ticket, batch.heldBytes)
  const right = newQueuedBatch(pool, head, batch.ticket, batch.heldBytes)
  const middle = count >> 1
  readRecords(plain, count, (index, delta, keyStart, keyEnd, valueStart, valueEnd) => {
    const half = index < middle ? left : right
    const key = plain.subarray(keyStart, keyEnd)
    half.writer.append({ key, value: plain, valueStart, valueEnd, timestampMs: baseTimestampMs + delta })
    half.heldBytes += keyEnd - keyStart + valueEnd - valueStart + MOST_RECORD_OVERHEAD
  })
  left.lastMark = right.lastMark = batch.lastMark
  return [left, right]
}

/** Keeps at most `most` frames; more are left to the garbage collector. */
export class FramePool {
  readonly frameBytes: number
  readonly #most: number
  readonly #frames: Buffer[] = []

  constructor(frameBytes: number, most: number) {
    this.frameBytes = frameBytes
    this.#most = most
  }

  /** A frame of at least this size, with whatever it held before. */
  take(bytes: number): Buffer {
    if (bytes > this.frameBytes) return Buffer.allocUnsafeSlow(bytes)
    return this.#frames.pop() ?? Buffer.allocUnsafeSlow(this.frameBytes)
  }

  /** Takes back a frame that nobody reads any more. */
  release(frame: Buffer): void {
    if (frame.length === this.frameBytes && this.#frames.length < this.#most) this.#frames.push(frame)
  }
}
