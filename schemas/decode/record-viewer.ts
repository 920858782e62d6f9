// Views of the values of one topic: the bytes are checked completely, as for a decode, but a field is decoded when it is first read.
// A value written with another schema than ours is decoded completely, because its fields may be elsewhere.
import type { Type, types } from 'avsc'
import { avroType } from '../avro-types.js'
import { BoundedCursor, MalformedAvro } from './bounded-cursor.js'
import { FieldPlaces, fieldReader, placeCount, type FieldReader } from './field-reader.js'
import type { RecordDecoder } from './record-decoder.js'
import type { RecordSchema } from '../tree/schema-model.js'
import { HEADER_BYTES, readSchemaId } from '../wire-format.js'

const EMPTY = Buffer.alloc(0)

/** Creates views of the records of a topic. */
export class RecordViewer {
  readonly #topic: string
  readonly #schemaId: number
  readonly #decoder: RecordDecoder
  readonly #places: FieldPlaces
  readonly #View: RecordView
  readonly #cursor = new BoundedCursor()
  #bytes: Uint8Array = EMPTY
  #buffer: Buffer = EMPTY

  /** @param schemaId of values that were written with `schema`; all others go to `decoder` */
  constructor(topic: string, schema: RecordSchema, schemaId: number, decoder: RecordDecoder) {
    this.#topic = topic
    this.#schemaId = schemaId
    this.#decoder = decoder
    this.#places = new FieldPlaces(schema)
    this.#View = viewClass(schema)
  }

  /** As RecordDecoder.decode, but what it returns reads `bytes` later. */
  view(bytes: Uint8Array, start: number, end: number): unknown {
    if (readSchemaId(bytes, start, end, this.#topic) !== this.#schemaId) return this.#decoder.decode(bytes, start, end)
    const cursor = this.#cursor
    cursor.load(bytes, start + HEADER_BYTES, end)
    try {
      const { places, from } = this.#places.find(cursor)
      if (cursor.left === 0) return new this.#View(this.#bufferOf(bytes), places, from)
    } catch (error) {
      if (!(error instanceof MalformedAvro)) throw error
    }
    // The decoder finds the same fault, and names its field.
    return this.#decoder.decode(bytes, start, end)
  }

  #bufferOf(bytes: Uint8Array): Buffer {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    return this.#buffer
  }
}

// Objects that look like the records of a schema, and decode a field when it is first read: of the sixty fields of an event, rules read ten.
// The class of each schema is generated, so that each getter has its own code: shared by all schemas, it is three times as slow
// (`node dist/test/bench/rules.js`). Its text consists of numbers and field names only, which Avro requires to be identifiers.
/** The view of a record whose bytes were checked. `from`: which of the places is that of its first field */
export type RecordView = new (buffer: Buffer, places: Int32Array, from: number) => object

/** Compiles the views of the records of a schema. Their bytes must stay as they are while they are read. */
export function viewClass(schema: RecordSchema): RecordView {
  return generateClass(schema, avroType(schema))
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/

function generateClass(schema: RecordSchema, type: Type): RecordView {
  const readers: FieldReader[] = []
  const inner: RecordView[] = []
  let place = 0
  const getters = schema.fields.map((field, index) => {
    if (!IDENTIFIER.test(field.name)) throw new TypeError(`${schema.name} has a field named ${JSON.stringify(field.name)}`)
    const fieldType = (type as types.RecordType).field(field.name).type
    const at = `this.from + ${String(place)}`
    let read: string
    if (field.type.kind === 'record') {
      read = `new inner${String(inner.push(generateClass(field.type, fieldType)) - 1)}(this.buffer, this.places, ${at})`
      place += placeCount(field.type)
    } else {
      read = `read${String(readers.push(fieldReader(field.type, fieldType)) - 1)}(this.buffer, this.places[${at}])`
      place++
    }
    // No Avro value is undefined.
    const cached = `this.cached${String(index)}`
    return `get ${field.name}() { const value = ${cached}; return value === undefined ? ${cached} = ${read} : value }`
  })
  const names = [...readers.map((_, index) => `read${String(index)}`), ...inner.map((_, index) => `inner${String(index)}`)]
  const fields = ['buffer', 'places', 'from', ...schema.fields.map((_, index) => `cached${String(index)}`)]
  const text = `return class {
${fields.join('\n')}
constructor(buffer, places, from) { this.buffer = buffer; this.places = places; this.from = from }
${getters.join('\n')}
}`

  return new Function(...names, text)(...readers, ...inner) as RecordView
}
