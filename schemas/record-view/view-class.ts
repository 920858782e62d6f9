// Objects that look like the records of a schema, and decode a field when it is read for the first time: of the sixty fields of an event, rules read ten.
// The class of each schema is generated, so that each getter is code of its own: shared by all schemas it is three times as slow
// (`node dist/test/bench/rules.js`). Its text is made of numbers and of the names of fields alone, which Avro holds to be identifiers.
import type { Type, types } from 'avsc'
import { avroType } from '../avro-types/avro-type.js'
import type { RecordSchema } from '../tree/schema-model.js'
import { fieldReader } from './field-reader.js'
import type { FieldReader } from './field-reader.js'
import { placeCount } from './field-places.js'

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
    if (!IDENTIFIER.test(field.name)) throw new TypeError(`${schema.name} has a field of the name ${JSON.stringify(field.name)}`)
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
    const kept = `this.kept${String(index)}`
    return `get ${field.name}() { const kept = ${kept}; return kept === undefined ? ${kept} = ${read} : kept }`
  })
  const names = [...readers.map((_, index) => `read${String(index)}`), ...inner.map((_, index) => `inner${String(index)}`)]
  const fields = ['buffer', 'places', 'from', ...schema.fields.map((_, index) => `kept${String(index)}`)]
  const text = `return class {
${fields.join('\n')}
constructor(buffer, places, from) { this.buffer = buffer; this.places = places; this.from = from }
${getters.join('\n')}
}`

  return new Function(...names, text)(...readers, ...inner) as RecordView
}
