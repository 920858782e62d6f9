// All named types of the schema files, each once, shared ones first: the order of the generated files.
import { NAMESPACE, type SchemaFiles } from '../schema-set.js'
import type { AvroSchema, NamedSchema, RecordSchema } from '../tree/schema-model.js'
import { SchemaInvalidError, SchemaParser } from '../tree/schema-parser.js'

/** What the files define. */
export interface NamedSchemas {
  /** Every named type; a type is before those that contain it. */
  readonly all: readonly NamedSchema[]
  /** The top record of each file that is not shared, by full name. */
  readonly top: ReadonlyMap<string, RecordSchema>
}

/** Parses all files as one set, in which a name means one thing. @throws SchemaInvalidError */
export function namedSchemas(files: SchemaFiles): NamedSchemas {
  const parser = new SchemaParser((name) => files.shared.get(name))
  const all = new Set<NamedSchema>()
  for (const name of files.shared.keys()) collect(parser.parse(name, name), all)
  const top = new Map<string, RecordSchema>()
  for (const [stem, json] of files.records) {
    const schema = parser.parse(json, `${stem}.avsc`, NAMESPACE)
    if (schema.kind !== 'record') throw new SchemaInvalidError(`${stem}.avsc: the value of a topic must be a record`)
    collect(schema, all)
    top.set(schema.name, schema)
  }
  return { all: [...all], top }
}

function collect(schema: AvroSchema, into: Set<NamedSchema>): void {
  if (schema.kind === 'array') collect(schema.items, into)
  else if (schema.kind === 'map') collect(schema.values, into)
  else if (schema.kind === 'union') schema.branches.forEach((branch) => collect(branch, into))
  else if (schema.kind !== 'primitive') {
    if (schema.kind === 'record') schema.fields.forEach((field) => collect(field.type, into))
    into.add(schema)
  }
}
