// Requests and answers in Kafka's flexible encoding, which kafkajs does not write: compact lengths are one more than the count, and every
// structure ends with a count of tagged fields. See https://kafka.apache.org/protocol#protocol_types
import type { FrameApi } from './frame-api.js'

const NO_TAGS = uvarint(0)

/** The whole request; the correlation id (bytes 8-11) is stamped when it is sent. @param body without its tagged fields */
export function flexibleRequest(api: FrameApi, clientId: string, body: readonly Uint8Array[]): Buffer {
  const client = Buffer.from(clientId)
  const fixed = Buffer.alloc(4 + 2 + 2 + 4 + 2)
  fixed.writeInt16BE(api.apiKey, 4)
  fixed.writeInt16BE(api.apiVersion, 6)
  fixed.writeInt16BE(client.length, 12)
  const request = Buffer.concat([fixed, client, NO_TAGS, ...body, NO_TAGS])
  request.writeInt32BE(request.length - 4, 0)
  return request
}

/** A text that is never null. */
export function compactText(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([uvarint(bytes.length + 1), bytes])
}

/** An array of one topic with one of its partitions, as several requests have it. */
export function onePartition(topic: string, partition: number): Buffer {
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

/** Reads an answer from its beginning behind the correlation id. All throw RangeError when it is cut. */
export class FlexibleReader {
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

  /** A text, which may be null. */
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
