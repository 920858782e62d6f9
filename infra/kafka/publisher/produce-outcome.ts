// What an error code of a Produce answer means for the batch: the table behind every decision of a partition's queue.
// See https://kafka.apache.org/protocol#protocol_error_codes

/**
 * - `acked`: it is in the log
 * - `verify`: the broker's idea of our sequence is not ours; look what the log holds before anything else
 * - `tooLate`: the time of a record is too far ahead of the broker's clock: the same records with earlier times
 * - `tooMuch`: the batch can't be taken because of its size or of one of its records: its halves may be, and one record alone is lost
 * - `refused`: this batch can never be taken, as it is or as the topic is set
 * - `retry`: a passing state of the cluster, or a right that may be given later: the same frame again
 */
export type ProduceOutcome = 'acked' | 'verify' | 'tooLate' | 'tooMuch' | 'refused' | 'retry'

/** The same frame has reached the log before: DUPLICATE_SEQUENCE_NUMBER. */
export const DUPLICATE_SEQUENCE = 46
/** OUT_OF_ORDER_SEQUENCE_NUMBER. */
export const OUT_OF_ORDER_SEQUENCE = 45
/** CORRUPT_MESSAGE: the checksum did not fit; a passing fault of a wire or of memory, unless it comes again and again. */
export const CORRUPT_MESSAGE = 2

const MOST_CORRUPT_ATTEMPTS = 5

const OUTCOMES = new Map<number, ProduceOutcome>([
  [0, 'acked'],
  [DUPLICATE_SEQUENCE, 'acked'],
  [OUT_OF_ORDER_SEQUENCE, 'verify'],
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

/** What to do after this answer to the `attempt`-th sending (from 1). */
export function produceOutcome(errorCode: number, attempt: number): ProduceOutcome {
  if (errorCode === CORRUPT_MESSAGE && attempt >= MOST_CORRUPT_ATTEMPTS) return 'refused'
  return OUTCOMES.get(errorCode) ?? 'retry'
}

// Sequences are 31 bits and go on at 0 behind 2^31 - 1.
const SEQUENCE_MASK = 0x7fff_ffff

/** The sequence `records` behind `sequence`. */
export function sequenceAfter(sequence: number, records: number): number {
  return (sequence + records) & SEQUENCE_MASK
}

/** True when a log whose last sequence is `last` (-1 for none) holds the batch of `records` from `base` on. */
export function isInLog(last: number, base: number, records: number): boolean {
  if (last < 0) return false
  // Half of the circle: what lies less than 2^30 ahead counts as later, not as earlier.
  return ((last - sequenceAfter(base, records - 1)) & SEQUENCE_MASK) < 0x4000_0000
}
