// Checks that bytes are a value of a schema before avsc reads them: avsc trusts counts, lengths and indexes, loops over counts that no
// bytes back, and turns large negative longs into positive ones. Compiled once per writer's schema; it walks without allocating.
// If the check fails, the value is walked again, slowly, to name the field.
import { MalformedAvro, type BoundedCursor } from './bounded-cursor.js'
import type { AvroSchema, PrimitiveName } from '../tree/schema-model.js'

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

// The fewest bytes of a value bound the count that an array or map may claim.
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

/** Path of the field that can't be read, such as `process.args[2]`; null when every field can be walked. */
export function locateFault(schema: AvroSchema, cursor: BoundedCursor): string | null {
  const path: string[] = []
  try {
    walk(schema, cursor, path)
    return null
  } catch (error) {
    if (!(error instanceof MalformedAvro)) throw error
    return path.join('').replace(/^\./, '') || null
  }
}

// Leaves `path` as it was at the failure.
function walk(schema: AvroSchema, cursor: BoundedCursor, path: string[]): void {
  switch (schema.kind) {
    case 'record':
      for (const field of schema.fields) step(field.type, `.${field.name}`, cursor, path)
      return
    case 'array':
      cursor.blocks(minimumBytes(schema.items), (_, index) => step(schema.items, `[${String(index)}]`, cursor, path))
      return
    case 'map':
      cursor.blocks(1 + minimumBytes(schema.values), () => {
        cursor.bytes()
        step(schema.values, '{}', cursor, path)
      })
      return
    case 'union': {
      const index = cursor.int()
      walk(schema.branches[index] ?? cursor.fail(`there is no union branch ${String(index)}`), cursor, path)
      return
    }
    default:
      compileCheck(schema)(cursor)
  }
}

function step(schema: AvroSchema, name: string, cursor: BoundedCursor, path: string[]): void {
  path.push(name)
  walk(schema, cursor, path)
  path.pop()
}
