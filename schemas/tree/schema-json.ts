// The JSON of a schema tree, self-contained: the first use of a named type defines it, later uses refer to it.
import { shortNameOf, type AvroSchema, type FieldSchema, type NamedSchema } from './schema-model.js'

/** JSON that any Avro library reads. */
export function schemaJson(schema: AvroSchema): unknown {
  return jsonOf(schema, new Set())
}

function jsonOf(schema: AvroSchema, defined: Set<string>): unknown {
  switch (schema.kind) {
    case 'primitive':
      return schema.logicalType === null ? schema.name : { type: schema.name, logicalType: schema.logicalType }
    case 'array':
      return { type: 'array', items: jsonOf(schema.items, defined) }
    case 'map':
      return { type: 'map', values: jsonOf(schema.values, defined) }
    case 'union':
      return schema.branches.map((branch) => jsonOf(branch, defined))
    default:
      if (defined.has(schema.name)) return schema.name
      defined.add(schema.name)
      return definitionOf(schema, defined)
  }
}

function definitionOf(schema: NamedSchema, defined: Set<string>): unknown {
  const short = shortNameOf(schema.name)
  const namespace = schema.name.slice(0, -short.length - 1)
  const head = {
    type: schema.kind,
    name: short,
    ...(namespace === '' ? {} : { namespace }),
    ...(schema.doc === '' ? {} : { doc: schema.doc }),
    ...(schema.aliases.length === 0 ? {} : { aliases: schema.aliases }),
  }
  if (schema.kind === 'fixed') return { ...head, size: schema.size }
  if (schema.kind === 'enum') return { ...head, symbols: schema.symbols, ...(schema.default === null ? {} : { default: schema.default }) }
  return { ...head, fields: schema.fields.map((field) => fieldOf(field, defined)) }
}

function fieldOf(field: FieldSchema, defined: Set<string>): unknown {
  return {
    name: field.name,
    type: jsonOf(field.type, defined),
    ...(field.doc === '' ? {} : { doc: field.doc }),
    ...(field.aliases.length === 0 ? {} : { aliases: field.aliases }),
    ...(field.default === undefined ? {} : { default: field.default }),
  }
}
