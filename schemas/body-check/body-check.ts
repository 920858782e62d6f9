// Proves that bytes are a value of a schema before avsc reads them: avsc trusts counts, lengths and indexes, loops over counts that
// nothing backs, and turns large negative longs into positive ones.
// Compiled once per writer's schema; walks without allocating.
import type { AvroSchema, PrimitiveName } from '../tree/schema-model.js'
import type { BoundedCursor } from './bounded-cursor.js'
import { minimumBytes } from './minimum-bytes.js'

/** Moves the cursor over one value. @throws MalformedAvro */
export type Check = (cursor: BoundedCursor) => void

const CHECK_PRIMITIVE: Readonly<Record<PrimitiveName, Check>> = {
  null: () => undefined,
  boolean: (cursor) => cursor.boolean(),
  int: (cursor) => void cursor.int(),
  long: (cursor) => void cursor.long(),
  float: (cursor) => cursor.fixed(4),
  double: (cursor) => cursor.fixed(8),
  bytes: (cursor) => cursor.bytes(),
  string: (cursor) => cursor.bytes(),
}

/**
 * Compiles the check of a schema.
 * @param fieldCount how many fields of the outermost record are walked; all by default
 */
export function compileCheck(schema: AvroSchema, fieldCount = Infinity): Check {
  switch (schema.kind) {
    case 'primitive':
      return CHECK_PRIMITIVE[schema.name]
    case 'fixed':
      return (cursor) => cursor.fixed(schema.size)
    case 'enum':
      return (cursor) => {
        const index = cursor.int()
        if (index < 0 || index >= schema.symbols.length) cursor.fail(`there is no symbol ${String(index)}`)
      }
    case 'array': {
      const checkItem = compileCheck(schema.items)
      const itemBytes = minimumBytes(schema.items)
      return (cursor) => cursor.blocks(itemBytes, checkItem)
    }
    case 'map': {
      const checkValue = compileCheck(schema.values)
      const entryBytes = 1 + minimumBytes(schema.values)
      const checkEntry: Check = (cursor) => {
        cursor.bytes()
        checkValue(cursor)
      }
      return (cursor) => cursor.blocks(entryBytes, checkEntry)
    }
    case 'union': {
      const branches = schema.branches.map((branch) => compileCheck(branch))
      const [first, second] = branches
      if (branches.length === 2 && first === CHECK_PRIMITIVE.null && second !== undefined) return optional(second)
      return (cursor) => {
        const index = cursor.int()
        const check = branches[index]
        if (check === undefined) return cursor.fail(`there is no union branch ${String(index)}`)
        check(cursor)
      }
    }
    case 'record': {
      const fields = schema.fields.slice(0, fieldCount).map((field) => compileCheck(field.type))
      return (cursor) => {
        for (const check of fields) check(cursor)
      }
    }
  }
}

/** A value or null: by far the most frequent union. */
function optional(check: Check): Check {
  return (cursor) => {
    if (cursor.isSecondBranch()) check(cursor)
  }
}
