// The shape of external JSON: one schema is the static type, the check and the error message.
// Except for the settings, the only file that imports typebox.
import { Type, type Static, type TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { Check } from 'typebox/value'
import { nearestName } from '../text/nearest.js'
import { printable } from '../text/printable.js'

export { Type, type TSchema }

/** The type of a value that fits a schema, deeply readonly. */
export type Shaped<Schema extends TSchema> = DeepReadonly<Static<Schema>>

type DeepReadonly<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: DeepReadonly<Value[Name]> }
    : Value

/** Integers that JavaScript represents exactly. */
export const WHOLE_NUMBER = Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER })

/** The parts of a schema that the search for a mismatch and its message use. */
interface SchemaFacts {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly SchemaFacts[]
  readonly properties?: Readonly<Record<string, SchemaFacts>>
  readonly patternProperties?: Readonly<Record<string, SchemaFacts>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
  readonly items?: SchemaFacts
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  /** What a value must be, instead of the words for its type. What was found is not shown: it may be a secret. */
  readonly concealed?: string
}

/** A field that does not fit, and its message. */
export interface Mismatch {
  /** Names and indexes on the way to it; of a missing one, too. */
  readonly place: readonly string[]
  readonly message: string
}

const NO_FIT = 'it does not fit the schema'
const MAX_SHOWN = 80
const MAX_DEPTH = 32

/** Checks values against one schema. The check is compiled at its first use, which takes a few milliseconds. */
export class JsonShape<Schema extends TSchema> {
  readonly schema: Schema
  readonly #maxValues: number
  #validator: Validator | null = null

  /** @param maxValues most fields and items of a value, at all depths together; bounds the time of a check */
  constructor(schema: Schema, maxValues = Infinity) {
    this.schema = schema
    this.#maxValues = maxValues
  }

  /** Whether the value fits. */
  fits(value: unknown): value is Shaped<Schema> {
    return sizeProblemOf(value, this.#maxValues) === null && this.#isValid(value)
  }

  /** Message about the first field that does not fit, like `losses[3].cpu must be a whole number, found "x"`; null if all fit. */
  mismatchOf(value: unknown): string | null {
    const problem = sizeProblemOf(value, this.#maxValues)
    if (problem !== null) return problem
    return this.#isValid(value) ? null : (firstOf(mismatches(this.schema as SchemaFacts, value, []))?.message ?? NO_FIT)
  }

  /** All fields that do not fit, for a file of our own user. */
  mismatchesOf(value: unknown): readonly Mismatch[] {
    const problem = sizeProblemOf(value, this.#maxValues)
    if (problem !== null) return [{ place: [], message: problem }]
    if (this.#isValid(value)) return []
    const found = [...mismatches(this.schema as SchemaFacts, value, [])]
    return found.length > 0 ? found : [{ place: [], message: NO_FIT }]
  }

  #isValid(value: unknown): boolean {
    this.#validator ??= Compile(this.schema)
    return this.#validator.Check(value)
  }
}

/** Stops at the bounds. */
function sizeProblemOf(value: unknown, maxValues: number): string | null {
  let left = maxValues
  const isTooDeep = (one: unknown, depth: number): boolean => {
    if (typeof one !== 'object' || one === null) return false
    if (depth >= MAX_DEPTH) return true
    left -= Array.isArray(one) ? one.length : Object.keys(one).length
    return left >= 0 && Object.values(one).some((inner) => isTooDeep(inner, depth + 1))
  }
  if (isTooDeep(value, 0)) return `it is nested too deeply: ${String(MAX_DEPTH)} levels are the most`
  return left < 0 ? `it has too many fields and items: ${String(maxValues)} are the most` : null
}

/** Goes on only as far as it is read: whoever reads only the first one bounds what the sender can cost. */
function* mismatches(schema: SchemaFacts, value: unknown, place: readonly string[]): Generator<Mismatch, undefined> {
  if (schema.anyOf !== undefined && schema.concealed === undefined) return yield* mismatchesOfAll(schema, schema.anyOf, value, place)
  if (schema.type === 'object' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return yield* mismatchesInFields(schema, value as Readonly<Record<string, unknown>>, place)
  }
  if (schema.items !== undefined && Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* mismatches(schema.items, item, [...place, String(index)])
    if (value.length <= (schema.maxItems ?? Infinity)) return
  } else if (Check(schema as TSchema, value)) return
  yield { place, message: wrongValue(place, schema, value) }
}

function wrongValue(place: readonly string[], schema: SchemaFacts, value: unknown): string {
  return `${placeText(place)} must be ${schema.concealed ?? `${expectationOf(schema)}, found ${shown(value)}`}`
}

function firstOf(found: Generator<Mismatch, undefined>): Mismatch | undefined {
  return found.next().value
}

/** The mismatches of the first alternative that fits down to a field; otherwise of all alternatives. */
function* mismatchesOfAll(
  schema: SchemaFacts,
  anyOf: readonly SchemaFacts[],
  value: unknown,
  place: readonly string[],
): Generator<Mismatch, undefined> {
  const firsts = anyOf.map((one) => firstOf(mismatches(one, value, place)))
  if (firsts.includes(undefined)) return
  const inner = anyOf.find((_, index) => (firsts[index]?.place.length ?? 0) > place.length)
  if (inner === undefined) yield { place, message: wrongValue(place, schema, value) }
  else yield* mismatches(inner, value, place)
}

function* mismatchesInFields(
  schema: SchemaFacts,
  value: Readonly<Record<string, unknown>>,
  place: readonly string[],
): Generator<Mismatch, undefined> {
  const { required = [], properties = {}, patternProperties = {} } = schema
  // As in JSON, a field with the value undefined is absent.
  for (const name of required) {
    if (Object.hasOwn(value, name) && value[name] !== undefined) continue
    yield { place: [...place, name], message: `${placeText([...place, name])} is missing` }
  }
  const patterns = Object.entries(patternProperties).map(([pattern, field]) => [new RegExp(pattern, 'u'), field] as const)
  for (const name of Object.keys(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : patterns.find(([pattern]) => pattern.test(name))?.[1]
    if (known === undefined && schema.additionalProperties === false) {
      yield { place: [...place, name], message: unknownField(place, name, schema) }
    }
    // One that is undefined is optional, or reported as missing.
    if (known === undefined || value[name] === undefined) continue
    yield* mismatches(known, value[name], [...place, name])
  }
}

function unknownField(place: readonly string[], name: string, { properties = {} }: SchemaFacts): string {
  const known = Object.keys(properties)
  const near = nearestName(name, known)
  return `${placeText(place)} has no field ${shown(name)}; ${near === undefined ? `its fields are ${known.join(', ')}` : `did you mean ${near}?`}`
}

function placeText(place: readonly string[]): string {
  const text = place.map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('')
  return text === '' ? 'it' : printable(text.slice(0, 200))
}

function expectationOf(schema: SchemaFacts): string {
  const { minimum = 0, maximum = Infinity, minLength = 0, maxLength } = schema
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(expectationOf))].join(' or ')
  if (schema.enum !== undefined) return `one of ${schema.enum.map(String).join(', ')}`
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  switch (schema.type) {
    case 'integer':
      return maximum >= Number.MAX_SAFE_INTEGER ? 'a whole number' : `a whole number from ${String(minimum)} to ${String(maximum)}`
    case 'string':
      return maxLength === undefined ? 'a text' : `a text of ${String(minLength)} to ${String(maxLength)} characters`
    case 'boolean':
      return 'true or false'
    case 'array':
      return schema.maxItems === undefined ? 'a list' : `a list of at most ${String(schema.maxItems)}`
    case 'null':
      return 'null'
    default:
      return schema.type === undefined ? 'of another form' : `${schema.type === 'object' ? 'an' : 'a'} ${schema.type}`
  }
}

function shown(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? String(value)
  return printable(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 3)}...` : text)
}
