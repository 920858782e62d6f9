// Positions in the header of a record batch (format v2), from the batch's first byte; the records follow. All numbers are big-endian.
// See https://kafka.apache.org/documentation/#recordbatch

/** Bytes before the first record. */
export const BATCH_HEADER_BYTES = 61
/** Bytes of base offset and length; the length counts the bytes after itself. */
export const LOG_OVERHEAD_BYTES = 12

export const LENGTH_AT = 8
export const LEADER_EPOCH_AT = 12
export const MAGIC_AT = 16
export const CRC_AT = 17
/** The checksum covers everything from here. */
export const ATTRIBUTES_AT = 21
export const LAST_OFFSET_DELTA_AT = 23
export const BASE_TIMESTAMP_AT = 27
export const MAX_TIMESTAMP_AT = 35
export const PRODUCER_ID_AT = 43
export const PRODUCER_EPOCH_AT = 51
export const BASE_SEQUENCE_AT = 53
export const COUNT_AT = 57

/** Bits of the attributes. */
export const CODEC_BITS = 0x07
export const APPEND_TIME_BIT = 0x08
export const TRANSACTION_BIT = 0x10
export const CONTROL_BIT = 0x20
