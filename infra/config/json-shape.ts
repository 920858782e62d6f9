// The shape of JSON that another program or a person wrote: one schema is the static type, the check and the message.
// Outside the settings, everybody meets typebox here.
import { Type, type Static, type TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { nearestName } from '../text/nearest.js'
import { printable } from '../text/printable.js'

export { Type, type TSchema }

/** The type of what fits a schema; nobody changes what was read. */
export type Shaped<Schema extends TSchema> = DeepReadonly<Static<Schema>>

type DeepReadonly<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: DeepReadonly<Value[Name]> }
    : Value

/** Whole numbers that JSON and JavaScript hold exactly. */
export const WHOLE_NUMBER = Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER })

/** What a message needs of a schema. */
interface SchemaFacts {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly SchemaFacts[]
  readonly properties?: Readonly<Record<string, unknown>>
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
}

const MAX_SHOWN = 80

/** Checks values against one schema. The check is compiled at its first use, which takes a few milliseconds. */
export class JsonShape<Schema extends TSchema> {
  readonly schema: Schema
  #validator: Validator | null = null

  constructor(schema: Schema) {
    this.schema = schema
  }

  /** Whether the value fits. */
  fits(value: unknown): value is Shaped<Schema> {
    this.#validator ??= Compile(this.schema)
    return this.#validator.Check(value)
  }

  /** What is wrong with the first field that does not fit, as in `losses[3].cpu must be a whole number, found "x"`; null when all fit. */
  mismatchOf(value: unknown): string | null {
    if (this.fits(value)) return null
    // For a field that nothing may be, its object has an error, too, which names it.
    const error = this.#validator?.Errors(value).find(({ keyword }) => keyword !== 'boolean')
    if (error === undefined) return 'it has another form'
    const place = segmentsOf(error.instancePath)
    const schema = schemaAt(this.schema, error.schemaPath)
    if (error.keyword === 'required') return `${placeText([...place, ...error.params.requiredProperties.slice(0, 1)])} is missing`
    if (error.keyword === 'additionalProperties') return unknownField(place, error.params.additionalProperties[0] ?? '', schema)
    return `${placeText(place)} must be ${expectationOf(schema)}, found ${shown(valueAt(value, place))}`
  }
}

function unknownField(place: readonly string[], name: string, { properties = {} }: SchemaFacts): string {
  const known = Object.keys(properties)
  const near = nearestName(name, known)
  return `${placeText(place)} has no field ${shown(name)}; ${near === undefined ? `its fields are ${known.join(', ')}` : `did you mean ${near}?`}`
}

/** @param pointer JSON pointer. @see RFC 6901 */
function segmentsOf(pointer: string): string[] {
  const parts = pointer.split('/').slice(1)
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The schema that a value did not fit; of alternatives all of them. */
function schemaAt(schema: unknown, path: string): SchemaFacts {
  const parts = segmentsOf(path)
  const isAlternative = parts.at(-2) === 'anyOf'
  return (valueAt(schema, isAlternative ? parts.slice(0, -2) : parts) ?? {}) as SchemaFacts
}

function valueAt(value: unknown, place: readonly string[]): unknown {
  return place.reduce((found, part) => (found as Readonly<Record<string, unknown>> | undefined)?.[part], value)
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
