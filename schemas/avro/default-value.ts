// The default of a field, from the JSON of its schema to the value that a decoder gives.
// @see https://avro.apache.org/docs/1.12.0/specification/#schema-record (table of default values)
import type { AvroSchema, PrimitiveName } from './schema-model.js'
import { SchemaInvalidError } from './schema-parser.js'

const IS_OF_PRIMITIVE: Readonly<Record<PrimitiveName, (json: unknown) => boolean>> = {
  null: (json) => json === null,
  boolean: (json) => typeof json === 'boolean',
  int: (json) => typeof json === 'number' && (json | 0) === json,
  long: (json) => Number.isSafeInteger(json),
  float: (json) => typeof json === 'number',
  double: (json) => typeof json === 'number',
  bytes: (json) => typeof json === 'string',
  string: (json) => typeof json === 'string',
}

/**
 * The value of the default `json` of a field of type `schema`: for a union, of its first branch.
 * @throws SchemaInvalidError when the default does not fit the type
 */
export function defaultValueOf(schema: AvroSchema, json: unknown, path: string): unknown {
  switch (schema.kind) {
    case 'primitive':
      if (!IS_OF_PRIMITIVE[schema.name](json)) break
      return schema.name === 'bytes' ? bytesOf(json) : json
    case 'fixed':
      if (typeof json !== 'string' || json.length !== schema.size) break
      return bytesOf(json)
    case 'enum':
      if (typeof json !== 'string' || !schema.symbols.includes(json)) break
      return json
    case 'array':
      if (!Array.isArray(json)) break
      return json.map((item: unknown) => defaultValueOf(schema.items, item, `${path}[]`))
    case 'map':
      if (!isObject(json)) break
      return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, defaultValueOf(schema.values, value, `${path}{}`)]))
    case 'union': {
      const [first] = schema.branches
      if (first === undefined) break
      return defaultValueOf(first, json, path)
    }
    case 'record': {
      if (!isObject(json)) break
      const fields = schema.fields.map((field) => {
        const value = json[field.name] === undefined ? field.default : json[field.name]
        return [field.name, defaultValueOf(field.type, value, `${path}.${field.name}`)] as const
      })
      return Object.fromEntries(fields)
    }
  }
  throw new SchemaInvalidError(`field ${path}: ${JSON.stringify(json) ?? 'nothing'} is no default of its type`)
}

/** In JSON each byte stands as the character of its number. */
function bytesOf(json: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(String(json), 'latin1'))
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
