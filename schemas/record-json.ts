// Records as JSON, as `collect --output json` prints them: bytes in base64, everything else unchanged. And back, by the schema: what comes
// from a file can be anything.
import { isObject } from '../infra/process/json-lines.js'
import { type AvroSchema, type FieldSchema, type RecordSchema, branchName } from './tree/schema-model.js'

/** For JSON.stringify: bytes in base64. */
export function bytesAsBase64(this: unknown, key: string, value: unknown): unknown {
  // A Buffer has turned itself into an object by now; its owner still holds it.
  const held = (this as Readonly<Record<string, unknown>>)[key]
  return held instanceof Uint8Array ? Buffer.from(held).toString('base64') : value
}

/** What is wrong with a JSON record, and where in it. */
export class RecordJsonError extends Error {}

/**
 * A record of a schema from parsed JSON. A missing field gets its default, so that files of earlier versions can be read; what
 * the schema does not have is left out.
 * @throws RecordJsonError that names the first field that does not fit
 */
export function recordFromJson(schema: RecordSchema, value: unknown): unknown {
  return recordOf(schema, value, [])
}

type Path = readonly string[]

function refuse(path: Path, expected: string): never {
  throw new RecordJsonError(path.length === 0 ? `expected ${expected}` : `${path.join('.')}: expected ${expected}`)
}

function recordOf(schema: RecordSchema, value: unknown, path: Path): unknown {
  if (!isObject(value)) return refuse(path, 'an object')
  return Object.fromEntries(schema.fields.map((field) => [field.name, fieldOf(field, value, [...path, field.name])]))
}

function fieldOf(field: FieldSchema, owner: Readonly<Record<string, unknown>>, path: Path): unknown {
  const given = Object.hasOwn(owner, field.name) ? owner[field.name] : undefined
  if (given !== undefined) return valueOf(field.type, given, path)
  return field.default === undefined ? refuse(path, 'a value') : valueOf(field.type, field.default, path)
}

function valueOf(schema: AvroSchema, value: unknown, path: Path): unknown {
  switch (schema.kind) {
    case 'record':
      return recordOf(schema, value, path)
    case 'enum':
      return typeof value === 'string' && schema.symbols.includes(value) ? value : (schema.default ?? refuse(path, 'a known name'))
    case 'fixed':
      return bytesOf(value, path)
    case 'array':
      if (!Array.isArray(value)) return refuse(path, 'a list')
      return value.map((item, index) => valueOf(schema.items, item, [...path, String(index)]))
    case 'map':
      if (!isObject(value)) return refuse(path, 'an object')
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, valueOf(schema.values, item, [...path, key])]))
    case 'union':
      return unionOf(schema.branches, value, path)
    case 'primitive':
      return primitiveOf(schema.name, value, path)
  }
}

/** Our unions consist of null and one other type, or of primitives: the first that fits. */
function unionOf(branches: readonly AvroSchema[], value: unknown, path: Path): unknown {
  const others = branches.filter((branch) => branchName(branch) !== 'null')
  if (value === null && others.length < branches.length) return null
  const [only, ...more] = others
  if (only !== undefined && more.length === 0) return valueOf(only, value, path)
  const fits = others.some((branch) => branch.kind === 'primitive' && isPrimitive(branch.name, value))
  return fits ? value : refuse(path, others.length === 0 ? 'null' : `one of ${others.map(branchName).join(', ')}`)
}

function isPrimitive(name: string, value: unknown): boolean {
  if (name === 'long' || name === 'int') return Number.isSafeInteger(value)
  return typeof value === (name === 'double' || name === 'float' ? 'number' : name)
}

function primitiveOf(name: string, value: unknown, path: Path): unknown {
  switch (name) {
    case 'null':
      return value === null ? value : refuse(path, 'null')
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse(path, 'true or false')
    case 'string':
      return typeof value === 'string' ? value : refuse(path, 'a text')
    case 'bytes':
      return bytesOf(value, path)
    case 'int':
      return Number.isInteger(value) && Math.abs(Number(value)) <= 0x7fffffff ? value : refuse(path, 'a whole number of 32 bits')
    case 'long':
      return Number.isSafeInteger(value) ? value : refuse(path, 'a whole number below 2^53')
    default:
      return typeof value === 'number' ? value : refuse(path, 'a number')
  }
}

function bytesOf(value: unknown, path: Path): Uint8Array {
  return typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value) ? Buffer.from(value, 'base64') : refuse(path, 'bytes in base64')
}
