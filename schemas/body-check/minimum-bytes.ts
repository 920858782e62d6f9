// The fewest bytes that a value of a schema takes: what bounds the count that an array or map may claim.
import type { AvroSchema, PrimitiveName } from '../tree/schema-model.js'

const BYTES_OF_PRIMITIVE: Readonly<Record<PrimitiveName, number>> = {
  null: 0,
  boolean: 1,
  int: 1,
  long: 1,
  float: 4,
  double: 8,
  bytes: 1,
  string: 1,
}

/** Fewest bytes of one value; 0 for null, and for records of nothing else. */
export function minimumBytes(schema: AvroSchema): number {
  switch (schema.kind) {
    case 'primitive':
      return BYTES_OF_PRIMITIVE[schema.name]
    case 'fixed':
      return schema.size
    case 'record':
      return schema.fields.reduce((sum, field) => sum + minimumBytes(field.type), 0)
    case 'union':
      return 1 + Math.min(...schema.branches.map(minimumBytes))
    default:
      return 1
  }
}
