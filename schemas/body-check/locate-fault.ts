// Finds the field in which bytes stop being a value of a schema: walked again, slowly, only after the check failed.
import type { AvroSchema } from '../tree/schema-model.js'
import { compileCheck } from './body-check.js'
import { MalformedAvro, type BoundedCursor } from './bounded-cursor.js'
import { minimumBytes } from './minimum-bytes.js'

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
