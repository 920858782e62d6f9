// The Produce request (version 7) for one record batch of one partition, and its answer. A retry sends exactly the same bytes.
// See https://kafka.apache.org/protocol#The_Messages_Produce

export const PRODUCE = { apiKey: 0, apiName: 'Produce', apiVersion: 7 } as const

const ACKS_ALL = -1
const BROKER_TIMEOUT_MS = 30_000

/**
 * The bytes of a request before the batch; size, correlation id, partition and batch size are written later.
 * @param transactionalId null outside of transactions
 * @param timeoutMs how long the broker waits for the replicas
 */
export function produceHead(
  clientId: string,
  topic: string,
  transactionalId: string | null = null,
  timeoutMs: number = BROKER_TIMEOUT_MS,
): Buffer {
  const client = Buffer.from(clientId)
  const name = Buffer.from(topic)
  const transaction = Buffer.from(transactionalId ?? '')
  const head = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length + 2 + transaction.length + 2 + 4 + 4 + 2 + name.length + 4 + 4 + 4)
  let at = 4
  at = head.writeInt16BE(PRODUCE.apiKey, at)
  at = head.writeInt16BE(PRODUCE.apiVersion, at)
  at += 4
  at = head.writeInt16BE(client.length, at)
  at += client.copy(head, at)
  at = head.writeInt16BE(transactionalId === null ? -1 : transaction.length, at)
  at += transaction.copy(head, at)
  at = head.writeInt16BE(ACKS_ALL, at)
  at = head.writeInt32BE(timeoutMs, at)
  at = head.writeInt32BE(1, at)
  at = head.writeInt16BE(name.length, at)
  at += name.copy(head, at)
  head.writeInt32BE(1, at)
  return head
}

/** Completes the head after the batch is complete. */
export function stampProduceHead(frame: Buffer, headBytes: number, partition: number, end: number): void {
  frame.writeInt32BE(end - 4, 0)
  frame.writeInt32BE(partition, headBytes - 8)
  frame.writeInt32BE(end - headBytes, headBytes - 4)
}

/** The answer for the one batch. */
export interface ProduceAnswer {
  /** 0 if the batch is in the log of all in-sync replicas. */
  readonly errorCode: number
  /** Broker time of the append, Unix milliseconds; -1 for topics without LogAppendTime and for a refused batch. */
  readonly appendedMs: number
  /** Pause that the broker requests, milliseconds. */
  readonly throttleMs: number
}

/** Reads the answer. @throws RangeError if it is truncated or has another shape */
export function parseProduceAnswer(payload: Buffer): ProduceAnswer {
  if (payload.readInt32BE(0) !== 1) throw new RangeError('the answer has another number of topics')
  const partitions = 6 + payload.readInt16BE(4)
  if (payload.readInt32BE(partitions) !== 1) throw new RangeError('the answer has another number of partitions')
  return {
    errorCode: payload.readInt16BE(partitions + 8),
    appendedMs: Number(payload.readBigInt64BE(partitions + 18)),
    throttleMs: payload.readInt32BE(partitions + 34),
  }
}

/**
 * - `acked`: the batch is in the log
 * - `verify`: the broker expects another sequence; read the last sequence in the log first
 * - `tooLate`: the time of a record is too far ahead of broker time; send the records with earlier times
 * - `tooMuch`: the broker refuses the size of the batch or one of its records; send the halves, and drop a single record
 * - `refused`: the broker will never accept this batch, or the topic's settings forbid it
 * - `retry`: a transient state of the cluster, or access that may be granted later; send the same frame again
 */
export type ProduceOutcome = 'acked' | 'verify' | 'tooLate' | 'tooMuch' | 'refused' | 'retry'

/** DUPLICATE_SEQUENCE_NUMBER: the batch is already in the log. */
export const DUPLICATE_SEQUENCE = 46
/** CORRUPT_MESSAGE: the checksum does not match; a transient fault of network or memory, unless it repeats. */
const CORRUPT_MESSAGE = 2

const MOST_CORRUPT_ATTEMPTS = 5

const OUTCOMES = new Map<number, ProduceOutcome>([
  [0, 'acked'],
  [DUPLICATE_SEQUENCE, 'acked'],
  [45, 'verify'], // OUT_OF_ORDER_SEQUENCE_NUMBER
  [47, 'verify'], // INVALID_PRODUCER_EPOCH
  [59, 'verify'], // UNKNOWN_PRODUCER_ID
  [90, 'verify'], // PRODUCER_FENCED
  [10, 'tooMuch'], // MESSAGE_TOO_LARGE
  [18, 'tooMuch'], // RECORD_LIST_TOO_LARGE
  [32, 'tooLate'], // INVALID_TIMESTAMP
  [43, 'refused'], // UNSUPPORTED_FOR_MESSAGE_FORMAT
  [76, 'refused'], // UNSUPPORTED_COMPRESSION_TYPE
  [87, 'tooMuch'], // INVALID_RECORD
])

/** What to do after this answer to an attempt, counted from 1. */
export function produceOutcome(errorCode: number, attempt: number): ProduceOutcome {
  if (errorCode === CORRUPT_MESSAGE && attempt >= MOST_CORRUPT_ATTEMPTS) return 'refused'
  return OUTCOMES.get(errorCode) ?? 'retry'
}

// Sequences are 31 bits and continue at 0 after 2^31 - 1.
const SEQUENCE_MASK = 0x7fff_ffff

/** The sequence `records` after `sequence`. */
export function sequenceAfter(sequence: number, records: number): number {
  return (sequence + records) & SEQUENCE_MASK
}

/** True if a log whose last sequence is `last` (-1 for none) contains the batch of `records` that starts at `base`. */
export function isInLog(last: number, base: number, records: number): boolean {
  if (last < 0) return false
  // Sequences wrap: a difference below 2^30 means later.
  return ((last - sequenceAfter(base, records - 1)) & SEQUENCE_MASK) < 0x4000_0000
}
