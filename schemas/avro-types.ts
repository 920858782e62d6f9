// Creates avsc's types from schema trees, so that values are as in generated/types.ts: bytes as Uint8Array, plain objects as records, maps with
// every key, and plain numbers in unions of several number types. Apart from compatibility.ts, only this file calls avsc's parser.
import avsc, { type Resolver, type Schema, type Type } from 'avsc'
import { schemaJson } from './tree/schema-json.js'
import type { AvroSchema } from './tree/schema-model.js'

// A union with more than one number type (["null", "string", "long", "double"]) as plain values. avsc wraps the values of such a
// union ({ long: 1 }), because a number alone does not say its branch. Here an integer is a long, and every other number a double.

const NUMBERS = ['int', 'long', 'float', 'double']
/** Beyond -2^52 avsc would write another number. */
const LOWEST_LONG = -0x10000000000000

/** Whether a union needs this type. */
export function isNumberUnion(branches: readonly unknown[]): boolean {
  return branches.filter((branch) => NUMBERS.includes(branch as string)).length > 1
}

/** Reads and writes a union of primitives as plain values. */
export class NumberUnion extends avsc.types.LogicalType {
  readonly #branches: readonly string[]

  constructor(schema: Schema, options?: unknown) {
    super(schema, options)
    this.#branches = (schema as readonly string[]).slice()
  }

  protected override _fromValue(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    return Object.values(value)[0]
  }

  protected override _toValue(value: unknown): unknown {
    if (value === null) return null
    const branch = branchOf(value)
    return branch !== undefined && this.#branches.includes(branch) ? { [branch]: value } : undefined
  }

  protected override _resolve(writer: Type): ((value: unknown) => unknown) | undefined {
    if (writer instanceof NumberUnion) return writer.#branches.every((branch) => this.#reads(branch)) ? (value) => value : undefined
    return this.#reads(writer.typeName) ? (value) => value : undefined
  }

  #reads(branch: string): boolean {
    return this.#branches.includes(branch) || (branch === 'int' && this.#branches.includes('long'))
  }
}

function branchOf(value: unknown): string | undefined {
  if (typeof value !== 'number') return typeof value === 'string' || typeof value === 'boolean' ? typeof value : undefined
  return Number.isSafeInteger(value) && value >= LOWEST_LONG && !Object.is(value, -0) ? 'long' : 'double'
}

// A map as a plain object that has every key as a property of its own. avsc assigns the entries, so that the key `__proto__` (possible as the label
// of a container) is lost silently. An array of (key, value) records has the same bytes as a map: so it is read as one.
// @see https://avro.apache.org/docs/1.12.0/specification/#maps

interface Entry {
  readonly key: string
  readonly value: unknown
}

/** Reads and writes a map of `values`. */
export class EntryMap extends avsc.types.LogicalType {
  readonly #values: Type

  constructor(values: Schema, options?: unknown) {
    const entry = {
      type: 'record',
      fields: [
        { name: 'key', type: 'string' },
        { name: 'value', type: values },
      ],
    }
    super({ type: 'array', items: entry } as unknown as Schema, options)
    this.#values = valuesOf(this.underlyingType)
  }

  protected override _fromValue(entries: readonly Entry[]): Readonly<Record<string, unknown>> {
    const map: Record<string, unknown> = {}
    for (const { key, value } of entries) {
      if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
      else map[key] = value
    }
    return map
  }

  /** Undefined, which avsc takes for "does not fit", for anything else. */
  protected override _toValue(map: unknown): Entry[] | undefined {
    if (typeof map !== 'object' || map === null || Array.isArray(map)) return undefined
    return Object.entries(map).map(([key, value]: [string, unknown]) => ({ key, value }))
  }

  protected override _resolve(writer: Type): ((value: unknown) => unknown) | undefined {
    if (!(writer instanceof EntryMap)) return undefined
    const written = writer.#values
    if (written.equals(this.#values)) return (map) => map
    const resolver = this.#values.createResolver(written)
    return (map) => this._fromValue((this._toValue(map) ?? []).map((entry) => this.#converted(entry, written, resolver)))
  }

  #converted({ key, value }: Entry, written: Type, resolver: Resolver): Entry {
    return { key, value: this.#values.fromBuffer(written.toBuffer(value), resolver) as unknown }
  }
}

function valuesOf(array: Type): Type {
  const entry = (array as avsc.types.ArrayType).itemsType as avsc.types.RecordType
  return entry.field('value').type
}

// Avro bytes as a Uint8Array: avsc accepts and returns Buffers only.

/** Reads bytes as a Uint8Array and writes any Uint8Array. */
export class ByteArray extends avsc.types.LogicalType {
  protected override _fromValue(value: Buffer): Uint8Array {
    return new Uint8Array(value.buffer, value.byteOffset, value.length)
  }

  /** Undefined, which avsc takes for "does not fit", for anything else. */
  protected override _toValue(value: unknown): Buffer | undefined {
    return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : undefined
  }

  protected override _resolve(writer: Type): ((value: unknown) => unknown) | undefined {
    if (writer instanceof ByteArray) return (value) => value
    return writer.typeName === 'string' ? (value) => new Uint8Array(Buffer.from(String(value), 'utf8')) : undefined
  }
}

/** avsc's type of a schema. */
export function avroType(schema: AvroSchema): Type {
  const registry: Record<string, Type> = {}
  // A logical type creates its underlying type from the same schema, which must pass this time.
  let isInside = false
  const inside = (make: () => Type): Type => {
    isInside = true
    try {
      return make()
    } finally {
      isInside = false
    }
  }
  const type = avsc.Type.forSchema(schemaJson(schema) as Schema, {
    registry,
    omitRecordMethods: true,
    typeHook: (json, options) => {
      if (isInside) return undefined
      if (json === 'bytes') return inside(() => new ByteArray({ type: 'bytes' }, options))
      if (isMap(json)) return new EntryMap(json.values, options)
      if (Array.isArray(json) && isNumberUnion(json)) return inside(() => new NumberUnion(json, options))
      return undefined
    },
  })
  for (const named of Object.values(registry)) makePlain(named)
  return type
}

function isMap(json: Schema): json is Schema & { readonly values: Schema } {
  return typeof json === 'object' && 'type' in json && json.type === 'map'
}

/** Sets the prototype of the objects that avsc creates for a record to that of plain objects, so that they compare and print as such. */
function makePlain(type: Type): void {
  if (type instanceof avsc.types.RecordType) {
    const maker = type.recordConstructor as { prototype: object }
    maker.prototype = Object.prototype
  }
}
