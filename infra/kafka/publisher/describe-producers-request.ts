// The DescribeProducers request (version 0): what a partition's log knows of a producer. Asked only when a batch was refused as out of order.
// See https://kafka.apache.org/protocol#The_Messages_DescribeProducers

export const DESCRIBE_PRODUCERS = { apiKey: 61, apiName: 'DescribeProducers', apiVersion: 0 } as const

/** The whole request; the correlation id (bytes 8-11) is stamped when it is sent. */
export function describeProducersRequest(clientId: string, topic: string, partition: number): Buffer {
  const client = Buffer.from(clientId)
  const name = Buffer.from(topic)
  const fixed = Buffer.alloc(4 + 2 + 2 + 4 + 2)
  fixed.writeInt16BE(DESCRIBE_PRODUCERS.apiKey, 4)
  fixed.writeInt16BE(DESCRIBE_PRODUCERS.apiVersion, 6)
  fixed.writeInt16BE(client.length, 12)
  const partitionBytes = Buffer.alloc(4)
  partitionBytes.writeInt32BE(partition)
  // Compact lengths are one more than the count; every structure ends with a count of tagged fields.
  const body = [uvarint(0), uvarint(2), uvarint(name.length + 1), name, uvarint(2), partitionBytes, uvarint(0), uvarint(0)]
  const request = Buffer.concat([fixed, client, ...body])
  request.writeInt32BE(request.length - 4, 0)
  return request
}

/**
 * Last sequence that the log holds of this producer and epoch; -1 when it knows none.
 * @throws Error when the broker refuses to tell, RangeError when the answer is cut
 */
export function parseLastSequence(payload: Buffer, producerId: bigint, epoch: number): number {
  const reader = new Reader(payload)
  reader.uvarint()
  reader.skip(4)
  reader.uvarint()
  reader.skip(reader.uvarint() - 1)
  reader.uvarint()
  reader.skip(4)
  const errorCode = reader.int16()
  reader.skip(Math.max(reader.uvarint() - 1, 0))
  if (errorCode !== 0) throw new Error(`DescribeProducers was answered with error ${String(errorCode)}`)
  for (let left = reader.uvarint() - 1; left > 0; left--) {
    const id = reader.int64()
    const producerEpoch = reader.int32()
    const lastSequence = reader.int32()
    if (id === producerId && producerEpoch === epoch) return lastSequence
    // Last timestamp, coordinator epoch, start offset of its transaction, tagged fields.
    reader.skip(8 + 4 + 8)
    reader.uvarint()
  }
  return -1
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

class Reader {
  readonly #buffer: Buffer
  #at = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
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

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer.readUInt8(this.#at++)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    return value >>> 0
  }
}
