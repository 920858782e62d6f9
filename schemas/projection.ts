// Projections: the fields of a record that a decode reads, as types and as the schema of the reader.
import type { AvroSchema, RecordSchema } from './tree/schema-model.js'

type Inner<Type> =
  Extract<Type, object> extends infer Found ? (Found extends readonly unknown[] | Uint8Array ? never : keyof Found & string) : never

/** Names of the fields of a record, and with a dot those of a record inside it: `type`, `process`, `process.pid`. */
export type FieldPath<RecordType> = {
  [Name in keyof RecordType & string]: Name | `${Name}.${Inner<RecordType[Name]>}`
}[keyof RecordType & string]

type Head<Path extends string> = Path extends `${infer Name}.${string}` ? Name : Path
type Rest<Path extends string, Name extends string> = Path extends `${Name}.${infer Tail}` ? Tail : never
type Part<Type, Path extends string> = Type extends object ? { readonly [Name in keyof Type & Path]: Type[Name] } : Type

/** The part of a record that the paths name. */
export type Projected<RecordType, Path extends string> = {
  readonly [Name in keyof RecordType & Head<Path>]: Name extends Path ? RecordType[Name] : Part<RecordType[Name], Rest<Path, Name & string>>
}

/**
 * The schema with only the fields of the paths: the reader's schema of a projected decode.
 * @param paths names of fields, with a dot for those of a record inside the record (`process.pid`)
 * @throws RangeError for a field that does not exist
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
