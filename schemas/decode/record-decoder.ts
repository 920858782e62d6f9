// Decodes the values of one topic, all or some of their fields: wire format, writer's schema by id, check of the bytes, then avsc.
// Every failure of the bytes is a RecordUnreadableError; what they contain decides nothing else.
import type { Resolver, Type } from 'avsc'
import { messageOf } from '../../infra/process/errors.js'
import { avroType } from '../avro-types.js'
import { compileCheck, locateFault, type Check } from './body-check.js'
import { BoundedCursor, MalformedAvro } from './bounded-cursor.js'
import { RecordUnreadableError, SchemaUnknownError } from '../record-errors.js'
import type { RecordSchema } from '../tree/schema-model.js'
import { HEADER_BYTES, readSchemaId } from '../wire-format.js'
import type { WriterSchemas } from '../writer-schemas.js'

const EMPTY = Buffer.alloc(0)
/** Most writer's schemas with a cached resolver in one decoder. */
const MAX_RESOLVERS = 64

/** How values of one writer's schema are read. Created once per schema id, never per message. */
interface Reading {
  readonly schema: RecordSchema
  readonly check: Check
  readonly resolver: Resolver
}

/** Decodes the records of a topic. */
export class RecordDecoder {
  readonly #topic: string
  readonly #readerSchema: RecordSchema
  readonly #type: Type
  readonly #isProjection: boolean
  readonly #writers: WriterSchemas
  readonly #cursor = new BoundedCursor()
  readonly #readings = new Map<number, Reading>()
  #lastId = -1
  #lastReading: Reading | null = null
  #lastBytes: Uint8Array = EMPTY
  #lastBuffer: Buffer = EMPTY

  /** @param isProjection stop after the last field of `readerSchema`: what follows is not read */
  constructor(topic: string, readerSchema: RecordSchema, writers: WriterSchemas, isProjection: boolean) {
    this.#topic = topic
    this.#readerSchema = readerSchema
    this.#type = avroType(readerSchema)
    this.#writers = writers
    this.#isProjection = isProjection
  }

  /**
   * The record of the value bytes[start, end). Nothing in it refers to `bytes`.
   * @throws RecordUnreadableError
   * @throws SchemaUnknownError when the writer's schema is not learned yet
   */
  decode(bytes: Uint8Array, start: number, end: number): unknown {
    const id = readSchemaId(bytes, start, end, this.#topic)
    const reading = id === this.#lastId && this.#lastReading !== null ? this.#lastReading : this.#readingOf(id)
    const cursor = this.#cursor
    try {
      cursor.load(bytes, start + HEADER_BYTES, end)
      reading.check(cursor)
      if (!this.#isProjection && cursor.left > 0) cursor.fail(`${String(cursor.left)} bytes follow the record`)
    } catch (error) {
      throw this.#explain(error, reading, bytes, start, end)
    }
    return this.#read(reading, bytes, start + HEADER_BYTES, end)
  }

  /** The schema of the values of an id; undefined if it is not learned yet, or not readable here. */
  writerSchema(id: number): RecordSchema | undefined {
    if (this.#writers.get(id) === undefined) return undefined
    try {
      return this.#readingOf(id).schema
    } catch (error) {
      if (error instanceof RecordUnreadableError) return undefined
      throw error
    }
  }

  // The check has proved that these bytes are a value; if avsc still rejects it, that must not end a function either.
  #read(reading: Reading, bytes: Uint8Array, start: number, end: number): unknown {
    const buffer = bytes === this.#lastBytes ? this.#lastBuffer : this.#bufferOf(bytes)
    try {
      // Only fromBuffer, with its third argument, lets a resolver stop after the last field that it needs.
      if (this.#isProjection) return this.#type.fromBuffer(buffer.subarray(start, end), reading.resolver, true) as unknown
      return this.#type.decode(buffer, start, reading.resolver).value as unknown
    } catch (error) {
      throw new RecordUnreadableError(messageOf(error), { topic: this.#topic, offset: HEADER_BYTES }, error)
    }
  }

  #bufferOf(bytes: Uint8Array): Buffer {
    this.#lastBytes = bytes
    this.#lastBuffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return this.#lastBuffer
  }

  #readingOf(id: number): Reading {
    let reading = this.#readings.get(id)
    if (reading === undefined) {
      const schema = this.#writers.get(id)
      if (schema === undefined) throw new SchemaUnknownError(id, 'it was not asked for yet')
      reading = this.#makeReading(id, schema)
      if (this.#readings.size >= MAX_RESOLVERS) this.#readings.clear()
      this.#readings.set(id, reading)
    }
    this.#lastId = id
    this.#lastReading = reading
    return reading
  }

  #makeReading(id: number, schema: RecordSchema): Reading {
    try {
      const resolver = this.#type.createResolver(avroType(schema))
      return { schema, resolver, check: compileCheck(schema, this.#isProjection ? this.#fieldsWanted(schema) : Infinity) }
    } catch (error) {
      const reason = `it was written with schema ${String(id)}, a ${schema.name} that is not readable here: ${messageOf(error)}`
      throw new RecordUnreadableError(reason, { topic: this.#topic, offset: 1 }, error)
    }
  }

  /** How many fields of the writer a projection walks: up to the last one it needs. */
  #fieldsWanted(writer: RecordSchema): number {
    const wanted = new Set(this.#readerSchema.fields.flatMap((field) => [field.name, ...field.aliases]))
    return writer.fields.findLastIndex((field) => wanted.has(field.name)) + 1
  }

  #explain(error: unknown, reading: Reading, bytes: Uint8Array, start: number, end: number): unknown {
    if (!(error instanceof MalformedAvro)) return error
    const cursor = new BoundedCursor()
    cursor.load(bytes, start + HEADER_BYTES, end)
    const field = locateFault(reading.schema, cursor)
    return new RecordUnreadableError(error.message, { topic: this.#topic, offset: HEADER_BYTES + error.offset, field })
  }
}
