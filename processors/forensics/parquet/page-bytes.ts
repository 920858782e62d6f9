// Bytes of a page while it is written: a buffer that grows and is used again for the next page.

/** Written at [0, position). */
export class PageBytes {
  /** Replaced when it grows: read it again after `ensure`. */
  bytes: Buffer
  position = 0

  constructor(bytes = 1 << 16) {
    this.bytes = Buffer.allocUnsafeSlow(bytes)
  }

  get written(): Buffer {
    return this.bytes.subarray(0, this.position)
  }

  /** Makes room for `count` more bytes. */
  ensure(count: number): void {
    if (this.position + count <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.position + count, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.position)
    this.bytes = grown
  }

  byte(value: number): void {
    this.ensure(1)
    this.bytes[this.position++] = value
  }

  /** A whole number from 0 on, 7 bits a byte, the lowest first. */
  varint(value: number): void {
    this.ensure(10)
    let left = value
    while (left > 0x7f) {
      const high = Math.floor(left / 128)
      this.bytes[this.position++] = (left - high * 128) | 0x80
      left = high
    }
    this.bytes[this.position++] = left
  }

  /** A whole number between -2^52 and 2^52. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  uint32(value: number): void {
    this.ensure(4)
    this.position = this.bytes.writeUInt32LE(value, this.position)
  }

  /** A whole number below 2^53 as a signed 64-bit one. */
  int64(value: number): void {
    this.ensure(8)
    const high = Math.floor(value / 2 ** 32)
    this.position = this.bytes.writeUInt32LE(value - high * 2 ** 32, this.position)
    this.position = this.bytes.writeInt32LE(high, this.position)
  }

  /** bytes[start, end). */
  append(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const length = end - start
    this.ensure(length)
    // Short pieces are copied faster here than by a call into C++.
    if (length < 48) for (let i = start, to = this.position; i < end; i++) this.bytes[to++] = bytes[i] ?? 0
    else this.bytes.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.position)
    this.position += length
  }
}
