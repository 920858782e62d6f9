// The dead letter of a record: its bytes, why it failed and where it was, so that it can be examined and redriven. Any error is a
// reason: ours with its code, everything else as a bug.
import type { ErrorCode } from '../../infra/process/error-codes.js'
import { EunomiaError, messageOf } from '../../infra/process/errors.js'
import type { DamagedBatch, OutputRecord, RecordBatch } from '../../infra/topic-log/topic-log.js'
import { TOPICS } from '../../infra/topic-log/topics.js'
import type { DeadLetter } from '../../schemas/generated/types.js'
import { RecordUnreadableError } from '../../schemas/record-errors.js'

/** Longest stored message: it may quote hostile bytes. */
const MAX_MESSAGE_LENGTH = 2_000

/** Why one record can't be processed. */
export interface RecordFailure {
  readonly code: ErrorCode
  readonly message: string
  /** Path of the field that could not be read; null when unknown. */
  readonly field: string | null
  /** Number of attempts. */
  readonly attempts: number
}

/** What the dead letter says of an error. */
export function failureOf(error: unknown, attempts: number): RecordFailure {
  const message = messageOf(error).slice(0, MAX_MESSAGE_LENGTH)
  return {
    code: error instanceof EunomiaError ? error.code : 'EUNOMIA_FUNCTION_FAILED',
    message,
    field: error instanceof RecordUnreadableError ? error.field : null,
    attempts,
  }
}

const NO_KEY = new Uint8Array(0)

/** Most bytes of all fields but key and value. */
const REST_BYTES = 8 * 1024

/** Most bytes of a key, which a dead letter has twice. Of a longer one it has the first bytes. */
const MAX_KEY_BYTES = 4 * 1024

/** Bytes of the fields that are not text of a failure, and of the names of topics and functions. */
const FIXED_BYTES = 400

/** Most bytes of the dead letter of the current record. */
export function deadLetterBytes(batch: RecordBatch, { message, field }: RecordFailure): number {
  const keyBytes = Math.min(MAX_KEY_BYTES, Math.max(0, batch.keyEnd - batch.keyStart))
  const textLength = message.length + (field?.length ?? 0)
  return Math.max(0, batch.valueEnd - batch.valueStart) + 2 * keyBytes + 3 * textLength + FIXED_BYTES
}

/** Encodes a dead letter. */
export type DeadLetterEncoder = (letter: DeadLetter) => Uint8Array

/** Which function failed, and when. */
export interface DeadLetterContext {
  readonly functionName: string
  readonly nowUs: number
  /** Largest record that the topic accepts. */
  readonly maxRecordBytes: number
}

/** The current record of a batch, or any other record. */
export type LetterRecord = Omit<RecordBatch, 'next' | 'rewind' | 'length' | 'firstOffset' | 'lastOffset' | 'index'>

/**
 * The dead letter of the current record of the batch. The output has the key of the record. A value that would not fit in a
 * record of the topic is left out, a long key is cut, and the message says so; topic, partition and offset still locate them.
 */
export function deadLetterOf(
  batch: LetterRecord,
  failure: RecordFailure,
  context: DeadLetterContext,
  encode: DeadLetterEncoder,
): OutputRecord {
  const keyLength = Math.max(0, batch.keyEnd - batch.keyStart)
  const keyEnd = batch.keyStart + Math.min(keyLength, MAX_KEY_BYTES)
  const key = batch.keyStart < 0 ? null : new Uint8Array(batch.keyBytes.subarray(batch.keyStart, keyEnd))
  const cut = keyLength <= MAX_KEY_BYTES ? '' : ` (the key, ${String(keyLength)} bytes, is cut: see the topic)`
  const valueBytes = Math.max(0, batch.valueEnd - batch.valueStart)
  const fits = valueBytes + (key?.length ?? 0) * 2 + REST_BYTES <= context.maxRecordBytes
  const value = batch.valueStart < 0 || !fits ? null : batch.valueBytes.subarray(batch.valueStart, batch.valueEnd)
  const leftOut = fits ? '' : ` (the value, ${String(valueBytes)} bytes, is too large for a dead letter: see the topic)`
  const letter: DeadLetter = {
    functionName: context.functionName,
    topic: TOPICS[batch.topic].name,
    partition: batch.partition,
    offset: batch.offset,
    key,
    value,
    timestampUs: batch.timestampMs * 1000,
    errorCode: failure.code,
    errorMessage: failure.message + cut + leftOut,
    field: failure.field,
    attempts: failure.attempts,
    failedAtUs: context.nowUs,
  }
  return { topic: 'deadletter', key: key ?? NO_KEY, value: encode(letter), timestampMs: Math.floor(context.nowUs / 1000) }
}

/** The dead letter of records that can't be read. Its value is the first of the bytes of their batch, not a record; they have no key. */
export function damagedLetterOf(damaged: DamagedBatch, context: DeadLetterContext, encode: DeadLetterEncoder): OutputRecord {
  const { bytes, firstOffset, lastOffset, partition, reason, topic } = damaged
  const letter: DeadLetter = {
    functionName: context.functionName,
    topic: TOPICS[topic].name,
    partition,
    offset: firstOffset,
    key: null,
    value: Buffer.from(bytes.subarray(0, Math.max(0, context.maxRecordBytes - REST_BYTES))),
    timestampUs: context.nowUs,
    errorCode: 'EUNOMIA_BATCH_DAMAGED' satisfies ErrorCode,
    errorMessage: `records ${String(firstOffset)} to ${String(lastOffset)} can't be read: ${reason}`.slice(0, MAX_MESSAGE_LENGTH),
    field: null,
    attempts: 2,
    failedAtUs: context.nowUs,
  }
  return { topic: 'deadletter', key: NO_KEY, value: encode(letter), timestampMs: Math.floor(context.nowUs / 1000) }
}
