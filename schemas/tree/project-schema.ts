// The part of a schema that has only some fields: the reader's schema of a projected decode.
import type { AvroSchema, RecordSchema } from './schema-model.js'

/**
 * @param paths names of fields, with a dot for those of a record inside the record (`process.pid`)
 * @throws RangeError for a field that there is not
 */
export function projectSchema(schema: RecordSchema, paths: readonly string[]): RecordSchema {
  const fields = schema.fields.flatMap((field) => {
    if (paths.includes(field.name)) return [field]
    const inner = paths.filter((path) => path.startsWith(`${field.name}.`)).map((path) => path.slice(field.name.length + 1))
    return inner.length === 0 ? [] : [{ ...field, type: projectInner(field.type, inner, field.name) }]
  })
  const unknown = paths.find((path) => !fields.some((field) => field.name === path.split('.')[0]))
  if (unknown !== undefined) throw new RangeError(`${schema.name} has no field ${unknown}`)
  return { ...schema, fields }
}

function projectInner(schema: AvroSchema, paths: readonly string[], name: string): AvroSchema {
  if (schema.kind === 'record') return projectSchema(schema, paths)
  if (schema.kind !== 'union') throw new RangeError(`field ${name} has no fields`)
  return { kind: 'union', branches: schema.branches.map((branch) => (branch.kind === 'record' ? projectSchema(branch, paths) : branch)) }
}
