// What a scan must know of a writer's schema: the types that it reads itself, and whether the decoder reads every value in the same form.
import { minimumBytes } from '../../../schemas/decode/body-check.js'
import type { AvroSchema, FieldSchema, RecordSchema } from '../../../schemas/tree/schema-model.js'

export const isText = (type: AvroSchema): boolean => type.kind === 'primitive' && type.name === 'string'
export const isTexts = (type: AvroSchema): boolean => type.kind === 'array' && isText(type.items)

/** The other type of a union whose first branch is null; null for any other type. */
export function optional(type: AvroSchema): AvroSchema | null {
  if (type.kind !== 'union' || type.branches.length !== 2) return null
  const [first, second] = type.branches
  return first?.kind === 'primitive' && first.name === 'null' ? (second ?? null) : null
}

export const withoutNull = (type: AvroSchema): AvroSchema => optional(type) ?? type

/** Whether every value of the writer's type is one of ours in the same form: what the decoder converts, it may also refuse. */
export function isReadAs(writer: AvroSchema, reader: AvroSchema): boolean {
  const ours = writer.kind === 'union' ? reader : withoutNull(reader)
  switch (writer.kind) {
    case 'primitive':
      return ours.kind === 'primitive' && (ours.name === writer.name || (writer.name === 'int' && ours.name === 'long'))
    case 'enum':
      return ours.kind === 'enum' && ours.name === writer.name && writer.symbols.every((symbol) => ours.symbols.includes(symbol))
    case 'fixed':
      return ours.kind === 'fixed' && ours.name === writer.name && ours.size === writer.size
    case 'array':
      return ours.kind === 'array' && isReadAs(writer.items, ours.items)
    case 'map':
      return ours.kind === 'map' && isReadAs(writer.values, ours.values)
    case 'union':
      return ours.kind === 'union' && writer.branches.every((branch, index) => isReadAs(branch, ours.branches[index] ?? NO_TYPE))
    case 'record':
      return ours.kind === 'record' && ours.name === writer.name && writer.fields.every((field) => isFieldReadAs(field, ours))
  }
}

function isFieldReadAs({ name, type }: FieldSchema, { fields }: RecordSchema): boolean {
  const ours = fields.find((field) => field.name === name)
  return ours === undefined || isReadAs(type, ours.type)
}

/** No type is read as this one. */
const NO_TYPE: AvroSchema = { kind: 'union', branches: [] }

/** An array or map whose items may have no bytes: the bound on their number is not checked here. */
export function hasEmptyItems(type: AvroSchema): boolean {
  switch (type.kind) {
    case 'array':
      return minimumBytes(type.items) === 0 || hasEmptyItems(type.items)
    case 'map':
      return hasEmptyItems(type.values)
    case 'record':
      return type.fields.some((field) => hasEmptyItems(field.type))
    case 'union':
      return type.branches.some(hasEmptyItems)
    default:
      return false
  }
}

/** The type of a field; of one in a record that may be null, as if it was there. */
export function typeAt(schema: RecordSchema, path: string): AvroSchema | undefined {
  let type: AvroSchema | undefined = schema
  for (const name of path.split('.')) {
    const record: AvroSchema | undefined = type === undefined ? undefined : withoutNull(type)
    type = record?.kind === 'record' ? record.fields.find((field) => field.name === name)?.type : undefined
  }
  return type
}

/** The writer lacks the field, under any name, and we read it as null. */
export function isDefaultNull(path: string, writer: RecordSchema, reader: RecordSchema): boolean {
  if (typeAt(writer, path) !== undefined) return false
  const [outer = '', inner] = path.split('.')
  const parent = inner === undefined ? reader : typeAt(reader, outer)
  const inWriter = inner === undefined ? writer : typeAt(writer, outer)
  if (parent?.kind !== 'record' || inWriter?.kind !== 'record') return false
  const field = parent.fields.find(({ name }) => name === (inner ?? outer))
  return field?.default === null && field.aliases.every((alias) => inWriter.fields.every(({ name }) => name !== alias))
}
