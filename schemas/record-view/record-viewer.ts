// Views of the values of one topic: the bytes are checked whole, as for a decode, but a field is decoded when it is read. What was written with
// another schema than ours is decoded whole, for its fields may stand elsewhere.
import { BoundedCursor, MalformedAvro } from '../body-check/bounded-cursor.js'
import type { RecordDecoder } from '../record-decoder.js'
import type { RecordSchema } from '../tree/schema-model.js'
import { HEADER_BYTES, readSchemaId } from '../wire-format.js'
import { FieldPlaces } from './field-places.js'
import { viewClass } from './view-class.js'
import type { RecordView } from './view-class.js'

const EMPTY = Buffer.alloc(0)

/** Makes views of the records of a topic. */
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
    // The decoder finds the same fault, and says in which field it is.
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
