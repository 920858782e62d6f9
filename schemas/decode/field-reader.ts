// Where each field of an encoded record begins, and how its value is read there.
import type { Type } from 'avsc'
import { compileCheck, type Check } from './body-check.js'
import type { BoundedCursor } from './bounded-cursor.js'
import type { AvroSchema, PrimitiveName, RecordSchema } from '../tree/schema-model.js'

// Reads one field of a record whose bytes were checked. Most fields (numbers, enums, texts, each perhaps null) are read without avsc, whose
// overhead for a single value exceeds the cost of the value (`node dist/test/bench/rules.js`). avsc reads the rest.
/** The value that begins at a place. */
export type FieldReader = (buffer: Buffer, place: number) => unknown

/** @param type avsc's type of `schema` */
export function fieldReader(schema: AvroSchema, type: Type): FieldReader {
  const byAvsc: FieldReader = (buffer, place) => type.decode(buffer, place).value as unknown
  return plainReader(schema) ?? optionalReader(schema, byAvsc) ?? textsReader(schema, byAvsc) ?? byAvsc
}

function plainReader(schema: AvroSchema): FieldReader | null {
  if (schema.kind === 'enum') return (buffer, place) => schema.symbols[longAt(buffer, place)]
  if (schema.kind !== 'primitive') return null
  switch (schema.name) {
    case 'boolean':
      return (buffer, place) => buffer[place] === 1
    case 'int':
    case 'long':
      return longAt
    case 'string':
      return textAt
    default:
      return null
  }
}

/** Numbers of the branches in their usual, unpadded form. */
const FIRST_BRANCH = 0
const SECOND_BRANCH = 2

/** Null or one other type. */
function optionalReader(schema: AvroSchema, byAvsc: FieldReader): FieldReader | null {
  if (schema.kind !== 'union' || schema.branches.length !== 2) return null
  const [first, second] = schema.branches
  const read = first?.kind === 'primitive' && first.name === 'null' && second !== undefined ? plainReader(second) : null
  if (read === null) return null
  return (buffer, place) => {
    const branch = buffer[place]
    if (branch === FIRST_BRANCH) return null
    return branch === SECOND_BRANCH ? read(buffer, place + 1) : byAvsc(buffer, place)
  }
}

/** Texts in one block of up to 63: the form of nearly every list. */
function textsReader(schema: AvroSchema, byAvsc: FieldReader): FieldReader | null {
  if (schema.kind !== 'array' || schema.items.kind !== 'primitive' || schema.items.name !== 'string') return null
  return (buffer, place) => {
    const count = buffer[place] ?? 0
    if (count === 0) return []
    if (count > 126 || (count & 1) === 1) return byAvsc(buffer, place)
    const texts: string[] = []
    let at = place + 1
    for (let left = count >> 1; left > 0; left--) {
      texts.push(textAt(buffer, at))
      at = textEnd(buffer, at)
    }
    return buffer[at] === 0 ? texts : byAvsc(buffer, place)
  }
}

/** A long, or an int. The check has rejected what is not exact, and counts only what is at most 2^53. */
function longAt(buffer: Buffer, place: number): number {
  const first = buffer[place] ?? 0
  if (first < 128) return (first >> 1) ^ -(first & 1)
  let byte = first
  let magnitude = (first & 127) >> 1
  let scale = 64
  for (let at = place + 1; byte > 127; at++) {
    byte = buffer[at] ?? 0
    magnitude += (byte & 127) * scale
    scale *= 128
  }
  return (first & 1) === 0 ? magnitude : -magnitude - 1
}

function textAt(buffer: Buffer, place: number): string {
  const length = longAt(buffer, place)
  if (length === 0) return ''
  const start = longEnd(buffer, place)
  return buffer.toString('utf8', start, start + length)
}

const textEnd = (buffer: Buffer, place: number): number => longEnd(buffer, place) + longAt(buffer, place)

function longEnd(buffer: Buffer, place: number): number {
  let at = place
  while ((buffer[at] ?? 0) > 127) at++
  return at + 1
}

// Records where each field of a record begins while its bytes are checked, so that fields can be read later, one by one. The fields of records
// directly in the record have places too. The walk is one generated function per schema, because every event passes it
// (`node dist/test/bench/rules.js` shows the gain). Its text consists of numbers and method names only.
/** Places per array: many records share one array, so that none is created per record. */
const ARENA_PLACES = 32_768

/** Where the fields of one record begin: at `from` in `places` that of the first, then in the order of their bytes. */
export interface PlacedFields {
  readonly places: Int32Array
  readonly from: number
}

/** Checks one value, and records places from `at` on. @throws MalformedAvro */
type Walk = (cursor: BoundedCursor, places: Int32Array, at: number) => void

/** Finds the fields of the values of one schema. */
export class FieldPlaces {
  readonly #count: number
  readonly #walk: Walk
  #arena = new Int32Array(ARENA_PLACES)
  #used = 0

  constructor(schema: RecordSchema) {
    const types = placedTypes(schema)
    this.#count = types.length
    this.#walk = generateWalk(types)
  }

  /** Moves the cursor over one value. @throws MalformedAvro */
  find(cursor: BoundedCursor): PlacedFields {
    if (this.#used + this.#count > this.#arena.length) {
      this.#arena = new Int32Array(Math.max(ARENA_PLACES, this.#count))
      this.#used = 0
    }
    const found = { places: this.#arena, from: this.#used }
    this.#walk(cursor, found.places, found.from)
    this.#used += this.#count
    return found
  }
}

/** Number of places of the fields of a record. */
export function placeCount(schema: RecordSchema): number {
  return placedTypes(schema).length
}

/** Types of all fields that have a place, in the order of their bytes. */
function placedTypes(schema: RecordSchema): AvroSchema[] {
  return schema.fields.flatMap(({ type }) => (type.kind === 'record' ? placedTypes(type) : [type]))
}

/** Methods of the cursor that check a primitive. */
const METHODS: Partial<Record<PrimitiveName, string>> = { boolean: 'boolean', int: 'int', long: 'long', bytes: 'bytes', string: 'bytes' }

function generateWalk(types: readonly AvroSchema[]): Walk {
  const checks: Check[] = []
  const checkOf = (type: AvroSchema): string => {
    const method = type.kind === 'primitive' ? METHODS[type.name] : undefined
    return method === undefined ? `checks[${String(checks.push(compileCheck(type)) - 1)}](cursor)` : `cursor.${method}()`
  }
  const steps = types.map((type, index) => {
    const other = type.kind === 'union' ? optional(type.branches) : null
    const step = other === null ? checkOf(type) : `if (cursor.isSecondBranch()) ${checkOf(other)}`
    return `places[at + ${String(index)}] = cursor.position; ${step}`
  })

  return new Function('checks', `return (cursor, places, at) => {\n${steps.join('\n')}\n}`)(checks) as Walk
}

/** The type next to null; null for other unions. */
function optional([first, second, ...others]: readonly AvroSchema[]): AvroSchema | null {
  return first?.kind === 'primitive' && first.name === 'null' && others.length === 0 ? (second ?? null) : null
}
