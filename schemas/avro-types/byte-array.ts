// Avro bytes as a Uint8Array: avsc takes and gives Buffers only.
import avsc, { type Type } from 'avsc'

/** Reads bytes as a Uint8Array and writes any Uint8Array. */
export class ByteArray extends avsc.types.LogicalType {
  protected override _fromValue(value: Buffer): Uint8Array {
    return new Uint8Array(value.buffer, value.byteOffset, value.length)
  }

  /** Undefined, which avsc takes for "does not fit", for anything else. */
  protected override _toValue(value: unknown): Buffer | undefined {
    return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : undefined
  }

  protected override _resolve(writer: Type): ((value: unknown) => unknown) | undefined {
    if (writer instanceof ByteArray) return (value) => value
    return writer.typeName === 'string' ? (value) => new Uint8Array(Buffer.from(String(value), 'utf8')) : undefined
  }
}
