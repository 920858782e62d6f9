// A batch in the queue of its partition: its frame, and its state until it is acknowledged. Divides a refused batch. Knows no connection.
import type { ProducerIdentity } from '../transport.js'
import type { AckTicket } from './ack-order.js'
import { BATCH_HEADER_BYTES } from '../batch-layout.js'
import { MOST_RECORD_OVERHEAD, readRecords, RecordBatchWriter } from './record-batch.js'

/** One unacknowledged batch. */
export interface QueuedBatch {
  writer: RecordBatchWriter
  readonly ticket: AckTicket
  lastMark: number
  /** Bytes that count toward the publisher's bound, before compression. */
  heldBytes: number
  /** Its linger time is over; it fills further only while others are before it. */
  hasLingered: boolean
  /** Compressed if possible, and ready to be sent. */
  isReady: boolean
  /** Its records can't be read, so their times remain unchanged. */
  isUnreadable: boolean
  attempts: number
  producer: ProducerIdentity | undefined
  sequence: number
}

/** An empty batch in a frame with the head of its request and room for at least `recordBytes`. */
export function newQueuedBatch(pool: FramePool, head: Buffer, ticket: AckTicket, recordBytes: number): QueuedBatch {
  const frame = pool.take(head.length + BATCH_HEADER_BYTES + recordBytes)
  head.copy(frame)
  const writer = new RecordBatchWriter(frame, head.length)
  const state = { lastMark: -1, heldBytes: 0, hasLingered: false, isReady: false, isUnreadable: false, attempts: 0, sequence: 0 }
  return { writer, ticket, ...state, producer: undefined }
}

/**
 * Rewrites a batch so that no record has a later time than `latestMs`. Uses another frame, because an old socket may still read the first one.
 * @param plain its uncompressed records
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
 * Divides a batch of two or more records into two batches with the same ticket.
 * @param plain its uncompressed records
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

/** Stores at most `most` frames for reuse. */
export class FramePool {
  readonly frameBytes: number
  readonly #most: number
  readonly #frames: Buffer[] = []

  constructor(frameBytes: number, most: number) {
    this.frameBytes = frameBytes
    this.#most = most
  }

  /** A frame of at least this size, not cleared. */
  take(bytes: number): Buffer {
    if (bytes > this.frameBytes) return Buffer.allocUnsafeSlow(bytes)
    return this.#frames.pop() ?? Buffer.allocUnsafeSlow(this.frameBytes)
  }

  /** Takes back a frame that nobody reads anymore. */
  release(frame: Buffer): void {
    if (frame.length === this.frameBytes && this.#frames.length < this.#most) this.#frames.push(frame)
  }
}
