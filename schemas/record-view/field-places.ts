// Notes where each field of a record begins while its bytes are checked, so that fields can be read later, one by one. The fields of records
// that stand directly in the record are its own: they have places too. The walk is one generated function for a schema, since every event passes
// it: `node dist/test/bench/rules.js` shows what it saves. Its text is made of numbers and names of methods alone.
import { compileCheck, type Check } from '../body-check/body-check.js'
import type { BoundedCursor } from '../body-check/bounded-cursor.js'
import type { AvroSchema, PrimitiveName, RecordSchema } from '../tree/schema-model.js'

/** Places that one array has room for: so many records share one, and none is made per record. */
const ARENA_PLACES = 32_768

/** Where the fields of one record begin: at `from` in `places` that of the first, then in the order of their bytes. */
export interface PlacedFields {
  readonly places: Int32Array
  readonly from: number
}

/** Checks one value, and notes places from `at` on. @throws MalformedAvro */
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

/** How many places the fields of a record take. */
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

/** The type beside null; null for other unions. */
function optional([first, second, ...others]: readonly AvroSchema[]): AvroSchema | null {
  return first?.kind === 'primitive' && first.name === 'null' && others.length === 0 ? (second ?? null) : null
}
