// The Confluent wire format around an Avro body: a byte 0, then the id of the writer's schema as four bytes, big endian.
// Every value of our topics has it. Knows no schema.
// @see https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
import type { AvroWriter } from './avro-writer.js'
import { RecordUnreadableError } from './record-errors.js'

/** First byte of every value. */
export const MAGIC = 0
/** Bytes before the Avro body. */
export const HEADER_BYTES = 5

/** Begins a value: the magic byte and the schema id; the Avro body follows. */
export function writeHeader(writer: AvroWriter, schemaId: number): void {
  writer.ensure(HEADER_BYTES)
  writer.bytes[writer.position] = MAGIC
  writer.bytes.writeInt32BE(schemaId, writer.position + 1)
  writer.position += HEADER_BYTES
}

/**
 * The schema id of the value at bytes[start, end); the body begins HEADER_BYTES after start.
 * @param topic name for the error message
 * @throws RecordUnreadableError for a value that is too short or begins with another byte
 */
export function readSchemaId(bytes: Uint8Array, start: number, end: number, topic: string): number {
  if (end - start < HEADER_BYTES) {
    throw new RecordUnreadableError(`${String(end - start)} bytes are too few for magic byte and schema id`, { topic, offset: 0 })
  }
  const magic = bytes[start]
  if (magic !== MAGIC) throw new RecordUnreadableError(`the magic byte is ${String(magic)}, not 0`, { topic, offset: 0 })
  return (byteAt(bytes, start + 1) << 24) | (byteAt(bytes, start + 2) << 16) | (byteAt(bytes, start + 3) << 8) | byteAt(bytes, start + 4)
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}
