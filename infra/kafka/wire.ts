// Kafka's request and answer encodings, for requests that are not on a hot path: classic, and flexible (compact lengths are the count plus one,
// every structure ends with its number of tagged fields). Knows no API.
// See https://kafka.apache.org/protocol#protocol_types
import type { FrameApi } from './transport.js'

/** An API with its encoding. */
export interface WireApi extends FrameApi {
  readonly isFlexible: boolean
}

/** Writes one structure after the other. */
export class WireWriter {
  readonly #isFlexible: boolean
  readonly #parts: Uint8Array[] = []

  constructor(isFlexible = false) {
    this.#isFlexible = isFlexible
  }

  bool(value: boolean): this {
    return this.#put(Buffer.from([value ? 1 : 0]))
  }

  int16(value: number): this {
    const bytes = Buffer.alloc(2)
    bytes.writeInt16BE(value)
    return this.#put(bytes)
  }

  int32(value: number): this {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(value)
    return this.#put(bytes)
  }

  int64(value: bigint | number): this {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(BigInt(value))
    return this.#put(bytes)
  }

  /** STRING or NULLABLE_STRING. */
  text(value: string | null): this {
    if (value === null) return this.#isFlexible ? this.#uvarint(0) : this.int16(-1)
    const bytes = Buffer.from(value)
    return (this.#isFlexible ? this.#uvarint(bytes.length + 1) : this.int16(bytes.length)).#put(bytes)
  }

  /** BYTES or NULLABLE_BYTES. */
  bytes(value: Uint8Array | null): this {
    if (value === null) return this.#isFlexible ? this.#uvarint(0) : this.int32(-1)
    return (this.#isFlexible ? this.#uvarint(value.length + 1) : this.int32(value.length)).#put(value)
  }

  /** ARRAY. Elements that are structures end with `end()`. */
  array<Element>(elements: readonly Element[], write: (element: Element) => void): this {
    if (this.#isFlexible) this.#uvarint(elements.length + 1)
    else this.int32(elements.length)
    for (const element of elements) write(element)
    return this
  }

  /** Ends a structure. */
  end(): this {
    return this.#isFlexible ? this.#uvarint(0) : this
  }

  /** Everything written. */
  take(): Buffer {
    return Buffer.concat(this.#parts)
  }

  #put(bytes: Uint8Array): this {
    this.#parts.push(bytes)
    return this
  }

  #uvarint(value: number): this {
    const bytes: number[] = []
    let rest = value
    while (rest > 0x7f) {
      bytes.push((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    bytes.push(rest)
    return this.#put(Buffer.from(bytes))
  }
}

/** The whole request; the correlation id (bytes 8-11) is stamped when it is sent. @param write its body without the end */
export function requestFrame(api: WireApi, clientId: string, write: (body: WireWriter) => void): Buffer {
  const body = new WireWriter(api.isFlexible)
  write(body)
  body.end()
  const client = Buffer.from(clientId)
  const head = Buffer.alloc(4 + 2 + 2 + 4 + 2)
  head.writeInt16BE(api.apiKey, 4)
  head.writeInt16BE(api.apiVersion, 6)
  head.writeInt16BE(client.length, 12)
  const frame = Buffer.concat([head, client, new WireWriter(api.isFlexible).end().take(), body.take()])
  frame.writeInt32BE(frame.length - 4, 0)
  return frame
}

/** Reads an answer from after its correlation id. All methods throw RangeError if it is truncated. */
export class WireReader {
  readonly #buffer: Buffer
  readonly #isFlexible: boolean
  #at = 0

  constructor(payload: Buffer, isFlexible = false) {
    this.#buffer = payload
    this.#isFlexible = isFlexible
  }

  /** The answer to a request: skips the tagged fields of the header. */
  static answer(api: WireApi, payload: Buffer): WireReader {
    const reader = new WireReader(payload, api.isFlexible)
    reader.end()
    return reader
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#buffer.length
  }

  /** What is not read yet. */
  get bytesLeft(): Buffer {
    return this.#buffer.subarray(this.#at)
  }

  skip(bytes: number): this {
    this.#at += bytes
    return this
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

  /** STRING; a null one is empty. */
  text(): string {
    return this.#span(this.#isFlexible ? this.#uvarint() - 1 : this.int16()).toString()
  }

  /** BYTES as a view; null ones are empty. */
  bytes(): Buffer {
    return this.#span(this.#isFlexible ? this.#uvarint() - 1 : this.int32())
  }

  /** ARRAY; a null one is empty. Elements that are structures end with `end()`. */
  array<Element>(read: () => Element): Element[] {
    const count = this.#isFlexible ? this.#uvarint() - 1 : this.int32()
    const elements: Element[] = []
    for (let left = count; left > 0; left--) {
      if (this.isAtEnd) throw new RangeError('the answer ends within an array')
      elements.push(read())
    }
    return elements
  }

  /** Ends a structure: skips its tagged fields. */
  end(): void {
    if (!this.#isFlexible) return
    for (let left = this.#uvarint(); left > 0; left--) {
      this.#uvarint()
      this.skip(this.#uvarint())
    }
  }

  #span(length: number): Buffer {
    const start = this.#at
    this.#at += Math.max(length, 0)
    if (this.#at > this.#buffer.length) throw new RangeError('the answer ends within a text')
    return this.#buffer.subarray(start, this.#at)
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
