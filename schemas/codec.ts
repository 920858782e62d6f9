// Records of the topics to bytes and back: the only entry to the Avro code for the collector, functions and commands.
// Encoders, decoders and projections are compiled once per topic and cached.
import type { Type } from 'avsc'
import { messageOf } from '../infra/process/errors.js'
import { TOPIC_KEYS, type TopicKey } from '../infra/topic-log/topics.js'
import { avroType } from './avro-types.js'
import { AvroWriter } from './avro-writer.js'
import { RecordDecoder } from './decode/record-decoder.js'
import { RecordViewer } from './decode/record-viewer.js'
import { fixedIdOf } from './ids.js'
import { projectSchema, type FieldPath, type Projected } from './projection.js'
import { currentSchemas, storedSchemas } from './schema-set.js'
import type { TopicRecords } from './topics.js'
import type { RecordSchema } from './tree/schema-model.js'
import { writeHeader } from './wire-format.js'
import { WriterSchemas, type SchemaSource } from './writer-schemas.js'

/** Decodes some fields of the records of a topic. @throws RecordUnreadableError, SchemaUnknownError as Codec.decode does */
export type ProjectedDecode<Value> = (bytes: Uint8Array, start: number, end: number) => Value

/** Options of a codec. */
export interface CodecOptions {
  /** Ids that a registry assigned to the schemas that we write; the fixed ids by default. */
  readonly ids?: Readonly<Record<TopicKey, number>>
  /** Where foreign ids are looked up; by default nowhere. */
  readonly source?: SchemaSource
}

/** Encodes and decodes the records of all topics. */
export class Codec {
  readonly #schemas = new Map<TopicKey, RecordSchema>()
  readonly #ids = new Map<TopicKey, number>()
  readonly #encoders = new Map<TopicKey, RecordEncoder>()
  readonly #decoders = new Map<TopicKey, RecordDecoder>()
  readonly #viewers = new Map<TopicKey, RecordViewer>()
  readonly #writers: WriterSchemas
  readonly #scratch = new AvroWriter()

  /** Reads the schema files. @throws SchemaInvalidError */
  constructor(options: CodecOptions = {}) {
    const current = currentSchemas()
    const own: { id: number; schema: RecordSchema }[] = [...storedSchemas()]
    for (const topic of TOPIC_KEYS) {
      const schema = current.get(topic)?.schema
      if (schema === undefined) throw new Error(`topic ${topic} has no schema`)
      const id = options.ids?.[topic] ?? fixedIdOf(topic)
      this.#schemas.set(topic, schema)
      this.#ids.set(topic, id)
      own.push({ id, schema })
    }
    this.#writers = new WriterSchemas(own, options.source ?? null)
  }

  /** The schema id in the values that are written to `topic`. */
  schemaId(topic: TopicKey): number {
    return found(this.#ids, topic)
  }

  /** The schema that we write to `topic`, as a tree. */
  schema(topic: TopicKey): RecordSchema {
    return found(this.#schemas, topic)
  }

  /** Appends the value of a record (wire format) to `writer`. @throws TypeError for a record that does not fit its type */
  write<Key extends TopicKey>(topic: Key, record: TopicRecords[Key], writer: AvroWriter): void {
    let encoder = this.#encoders.get(topic)
    if (encoder === undefined) {
      encoder = new RecordEncoder(this.schema(topic), this.schemaId(topic))
      this.#encoders.set(topic, encoder)
    }
    encoder.write(writer, record)
  }

  /** The value of a record, in its own buffer. @throws TypeError for a record that does not fit its type */
  encode<Key extends TopicKey>(topic: Key, record: TopicRecords[Key]): Uint8Array {
    this.#scratch.reset()
    this.write(topic, record, this.#scratch)
    return new Uint8Array(this.#scratch.bytes.subarray(0, this.#scratch.position))
  }

  /**
   * The record in the value bytes[start, end), written with any schema that is compatible. Nothing in it refers to `bytes`.
   * @throws RecordUnreadableError for bytes that are not such a record
   * @throws SchemaUnknownError for an unknown schema id: `await learn(error.schemaId)`, then decode again
   */
  decode<Key extends TopicKey>(topic: Key, bytes: Uint8Array, start = 0, end: number = bytes.length): TopicRecords[Key] {
    return this.#decoderOf(topic).decode(bytes, start, end) as TopicRecords[Key]
  }

  /**
   * The record that `decode` returns, but each field is decoded on first read. It refers to `bytes`, which must not change
   * while it is read. Use `decode` for a record that is stored or written elsewhere.
   * @throws RecordUnreadableError, SchemaUnknownError as decode does
   */
  view<Key extends TopicKey>(topic: Key, bytes: Uint8Array, start = 0, end: number = bytes.length): TopicRecords[Key] {
    let viewer = this.#viewers.get(topic)
    if (viewer === undefined) {
      viewer = new RecordViewer(topic, this.schema(topic), this.schemaId(topic), this.#decoderOf(topic))
      this.#viewers.set(topic, viewer)
    }
    return viewer.view(bytes, start, end) as TopicRecords[Key]
  }

  /**
   * Compiles a decode of the named fields only, several times faster than a whole one. Store what it returns.
   * It stops after the last of the fields: the bytes that follow are not read.
   * @param fields names; with a dot for a field of a record inside the record (`process.pid`)
   * @throws RangeError for a field that does not exist
   */
  projection<Key extends TopicKey, Path extends FieldPath<TopicRecords[Key]>>(
    topic: Key,
    fields: readonly Path[],
  ): ProjectedDecode<Projected<TopicRecords[Key], Path>> {
    const decoder = new RecordDecoder(topic, projectSchema(this.schema(topic), fields), this.#writers, true)
    return (bytes, start, end) => decoder.decode(bytes, start, end) as Projected<TopicRecords[Key], Path>
  }

  #decoderOf(topic: TopicKey): RecordDecoder {
    let decoder = this.#decoders.get(topic)
    if (decoder === undefined) {
      decoder = new RecordDecoder(topic, this.schema(topic), this.#writers, false)
      this.#decoders.set(topic, decoder)
    }
    return decoder
  }

  /** The schema of the values of an id, if it is known and records of the topic can be read by it. */
  writerSchema(topic: TopicKey, id: number): RecordSchema | undefined {
    return this.#decoderOf(topic).writerSchema(id)
  }

  /** Looks up a schema id that `decode` did not know. @throws SchemaUnknownError for an unknown one, or a retryable error */
  async learn(schemaId: number): Promise<void> {
    return this.#writers.learn(schemaId)
  }

  /** The ids of the schemas that are registered for a topic; null when they can't be listed. @throws a retryable error */
  async listIds(topic: TopicKey): Promise<ReadonlySet<number> | null> {
    return this.#writers.listIds(topic)
  }

  /** Foreign schemas that were evicted to make room. */
  get evictedSchemas(): number {
    return this.#writers.evicted
  }
}

function found<Value>(map: ReadonlyMap<TopicKey, Value>, topic: TopicKey): Value {
  const value = map.get(topic)
  if (value === undefined) throw new Error(`topic ${topic} has no schema`)
  return value
}

/** Encodes the records of a topic. */
export class RecordEncoder {
  readonly #type: Type
  readonly #schemaId: number

  constructor(schema: RecordSchema, schemaId: number) {
    this.#type = avroType(schema)
    this.#schemaId = schemaId
  }

  /** Appends the value (wire format) of a record. @throws TypeError for a record that does not fit its type: a bug, because types guard the callers */
  write(writer: AvroWriter, record: unknown): void {
    const before = writer.position
    try {
      writeHeader(writer, this.#schemaId)
      let end = this.#type.encode(record, writer.bytes, writer.position)
      if (end < 0) {
        // avsc returns how many bytes were missing.
        writer.ensure(writer.bytes.length - writer.position - end)
        end = this.#type.encode(record, writer.bytes, writer.position)
      }
      writer.position = end
    } catch (error) {
      writer.position = before
      throw new TypeError(this.#fault(record) ?? messageOf(error), { cause: error })
    }
  }

  #fault(record: unknown): string | null {
    let fault: string | null = null
    this.#type.isValid(record, {
      errorHook: (path: readonly string[], value: unknown, type: Type) => {
        fault ??= `field ${path.join('.')} is ${value === undefined ? 'missing' : typeof value}, not ${type.typeName}`
      },
    })
    return fault
  }
}
