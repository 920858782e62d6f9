// A record that reports which of its fields are read: a proxy over its schema. `note` gets `Record.field`, with the short name of the Avro
// record that has the field.
import { shortNameOf, type AvroSchema } from '../../../schemas/tree/schema-model.js'

/** The same value, which reports every read. */
export function notedValue<Value>(schema: AvroSchema, value: Value, note: (name: string) => void): Value {
  return noted(schema, value, note) as Value
}

function noted(schema: AvroSchema, value: unknown, note: (name: string) => void): unknown {
  if (value === null || typeof value !== 'object') return value
  switch (schema.kind) {
    case 'union': {
      const branch = schema.branches.find(({ kind }) => kind === 'record' || kind === 'array')
      return branch === undefined ? value : noted(branch, value, note)
    }
    case 'array':
      return Array.isArray(value) ? value.map((item) => noted(schema.items, item, note)) : value
    case 'record': {
      const fields = new Map(schema.fields.map((field) => [field.name, field.type]))
      const made = new Map<string, unknown>()
      return new Proxy(value, {
        get(target, key) {
          const type = typeof key === 'string' ? fields.get(key) : undefined
          if (type === undefined || typeof key !== 'string') return Reflect.get(target, key)
          note(`${shortNameOf(schema.name)}.${key}`)
          if (!made.has(key)) made.set(key, noted(type, Reflect.get(target, key), note))
          return made.get(key)
        },
      })
    }
    default:
      return value
  }
}
