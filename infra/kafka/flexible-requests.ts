// The two requests that kafkajs lacks, in Kafka's flexible encoding: DescribeProducers (the state of a producer in the log) and OffsetFetch
// with stable offsets. Compact lengths are the count plus one; every structure ends with its number of tagged fields.
// See https://kafka.apache.org/protocol#protocol_types
import type { FrameApi } from './transport.js'

const NO_TAGS = uvarint(0)

/** The whole request; the correlation id (bytes 8-11) is stamped when it is sent. @param body without its tagged fields */
function flexibleRequest(api: FrameApi, clientId: string, body: readonly Uint8Array[]): Buffer {
  const client = Buffer.from(clientId)
  const fixed = Buffer.alloc(4 + 2 + 2 + 4 + 2)
  fixed.writeInt16BE(api.apiKey, 4)
  fixed.writeInt16BE(api.apiVersion, 6)
  fixed.writeInt16BE(client.length, 12)
  const request = Buffer.concat([fixed, client, NO_TAGS, ...body, NO_TAGS])
  request.writeInt32BE(request.length - 4, 0)
  return request
}

/** COMPACT_STRING. */
function compactText(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([uvarint(bytes.length + 1), bytes])
}

/** An array of one topic with one of its partitions. */
function onePartition(topic: string, partition: number): Buffer {
  const number = Buffer.alloc(4)
  number.writeInt32BE(partition)
  return Buffer.concat([uvarint(2), compactText(topic), uvarint(2), number, NO_TAGS])
}

function uvarint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}

/** Reads an answer from after its correlation id. All methods throw RangeError if it is truncated. */
class FlexibleReader {
  readonly #buffer: Buffer
  #at = 0

  constructor(payload: Buffer) {
    this.#buffer = payload
  }

  skip(bytes: number): void {
    this.#at += bytes
  }

  int16(): number {
    this.#at += 2
    return this.#buffer.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#buffer.readInt32BE(this.#at - 4)
  }

  int64(): bigint {
    this.#at += 8
    return this.#buffer.readBigInt64BE(this.#at - 8)
  }

  /** Number of an array's elements; 0 for null. */
  count(): number {
    return Math.max(this.#uvarint() - 1, 0)
  }

  /** COMPACT_STRING or COMPACT_NULLABLE_STRING. */
  skipText(): void {
    this.skip(this.count())
  }

  skipTags(): void {
    for (let left = this.#uvarint(); left > 0; left--) {
      this.#uvarint()
      this.skip(this.#uvarint())
    }
  }

  #uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer.readUInt8(this.#at++)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    return value >>> 0
  }
}

export const DESCRIBE_PRODUCERS = { apiKey: 61, apiName: 'DescribeProducers', apiVersion: 0 } as const

/** The whole request; the correlation id (bytes 8-11) is stamped when it is sent. */
export function describeProducersRequest(clientId: string, topic: string, partition: number): Buffer {
  return flexibleRequest(DESCRIBE_PRODUCERS, clientId, [onePartition(topic, partition)])
}

/**
 * Last sequence of this producer and epoch in the log; -1 for none.
 * @throws Error if the broker refuses, RangeError if the answer is truncated
 */
export function parseLastSequence(payload: Buffer, producerId: bigint, epoch: number): number {
  const reader = new FlexibleReader(payload)
  reader.skipTags()
  reader.skip(4) // throttle time
  reader.count()
  reader.skipText()
  reader.count()
  reader.skip(4) // partition
  const errorCode = reader.int16()
  reader.skipText()
  if (errorCode !== 0) throw new Error(`DescribeProducers failed with error ${String(errorCode)}`)
  for (let left = reader.count(); left > 0; left--) {
    const id = reader.int64()
    const producerEpoch = reader.int32()
    const lastSequence = reader.int32()
    if (id === producerId && producerEpoch === epoch) return lastSequence
    // Last timestamp, coordinator epoch, start offset of the transaction.
    reader.skip(8 + 4 + 8)
    reader.skipTags()
  }
  return -1
}

export const OFFSET_FETCH = { apiKey: 9, apiName: 'OffsetFetch', apiVersion: 7 } as const

const STABLE_ONLY = Buffer.from([1])
/** UNSTABLE_OFFSET_COMMIT. */
const UNSTABLE = 88

/** The whole request; the correlation id (bytes 8-11) is stamped when it is sent. */
export function stableOffsetRequest(clientId: string, group: string, topic: string, partition: number): Buffer {
  return flexibleRequest(OFFSET_FETCH, clientId, [compactText(group), onePartition(topic, partition), STABLE_ONLY])
}

/** Offset of a group: -1 for none; `pending` while an open transaction holds a newer one. */
export type StableOffset = number | 'pending'

/**
 * Reads the answer.
 * @returns errorCode of the broker; 0 also for a pending offset
 * @throws RangeError if it is truncated
 */
export function parseStableOffset(payload: Buffer): { readonly errorCode: number; readonly offset: StableOffset } {
  const reader = new FlexibleReader(payload)
  reader.skipTags()
  reader.skip(4) // throttle time
  let offset = -1n
  let partitionError = 0
  for (let topics = reader.count(); topics > 0; topics--) {
    reader.skipText()
    for (let partitions = reader.count(); partitions > 0; partitions--) {
      reader.skip(4) // partition
      offset = reader.int64()
      reader.skip(4) // leader epoch
      reader.skipText() // metadata
      partitionError = reader.int16()
      reader.skipTags()
    }
    reader.skipTags()
  }
  const errorCode = reader.int16()
  if (errorCode === 0 && partitionError === UNSTABLE) return { errorCode: 0, offset: 'pending' }
  return { errorCode: errorCode === 0 ? partitionError : errorCode, offset: Number(offset) }
}
