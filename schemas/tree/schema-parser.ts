// Parses the JSON of an Avro schema into the typed tree of schema-model.ts, and rejects anything else.
// Names are checked strictly: generated code and file names contain them.
import { isObject } from '../../infra/process/json-lines.js'
import { EunomiaError } from '../../infra/process/errors.js'
import {
  branchName,
  fullNameOf,
  PRIMITIVE_NAMES,
  type AvroSchema,
  type EnumSchema,
  type FieldSchema,
  type FixedSchema,
  type NamedSchema,
  type RecordSchema,
} from './schema-model.js'

/** An invalid schema, or one that uses an undefined name. */
export class SchemaInvalidError extends EunomiaError {
  static override readonly code = 'EUNOMIA_SCHEMA_INVALID'
  static override readonly isUserMistake = true
}

/** Returns the JSON of a named type that the schema itself does not define, or undefined. */
export type NameSource = (fullName: string) => unknown

type JsonObject = Readonly<Record<string, unknown>>

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Deeper nesting than any honest schema has. */
const MAX_DEPTH = 64

/** Parses the JSON of a schema. Recursive schemas are rejected: no topic of ours has one. */
export class SchemaParser {
  readonly #names = new Map<string, NamedSchema>()
  readonly #underWay = new Set<string>()
  readonly #source: NameSource
  #depth = 0

  /** @param source asked for names that were not defined before their use */
  constructor(source: NameSource = () => undefined) {
    this.#source = source
  }

  /**
   * @param json parsed JSON of the schema
   * @param where prefix of the path in error messages, such as a file name
   * @throws SchemaInvalidError
   */
  parse(json: unknown, where: string, namespace = ''): AvroSchema {
    if (this.#depth >= MAX_DEPTH) throw new SchemaInvalidError(`${where}: types are nested deeper than ${String(MAX_DEPTH)}`)
    this.#depth++
    try {
      return this.#parse(json, where, namespace)
    } finally {
      this.#depth--
    }
  }

  #parse(json: unknown, where: string, namespace: string): AvroSchema {
    if (typeof json === 'string') return this.#named(json, where, namespace)
    if (Array.isArray(json)) return this.#union(json, where, namespace)
    if (!isObject(json)) throw new SchemaInvalidError(`${where}: expected a schema, found ${JSON.stringify(json)}`)
    const type = json['type']
    if (type === 'array') return { kind: 'array', items: this.parse(json['items'], `${where}[]`, namespace) }
    if (type === 'map') return { kind: 'map', values: this.parse(json['values'], `${where}{}`, namespace) }
    if (type === 'record' || type === 'error' || type === 'enum' || type === 'fixed') return this.#define(json, type, where, namespace)
    const inner = this.parse(type, where, namespace)
    if (inner.kind !== 'primitive') return inner
    return { ...inner, logicalType: typeof json['logicalType'] === 'string' ? json['logicalType'] : null }
  }

  #union(json: readonly unknown[], where: string, namespace: string): AvroSchema {
    const branches = json.map((branch) => this.parse(branch, where, namespace))
    if (branches.some((branch) => branch.kind === 'union')) throw new SchemaInvalidError(`${where}: a union is directly in a union`)
    const names = branches.map(branchName)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) throw new SchemaInvalidError(`${where}: the union has ${twice} twice`)
    return { kind: 'union', branches }
  }

  #named(name: string, where: string, namespace: string): AvroSchema {
    const primitive = PRIMITIVE_NAMES.find((known) => known === name)
    if (primitive !== undefined) return { kind: 'primitive', name: primitive, logicalType: null }
    const full = fullNameOf(name, namespace)
    if (this.#underWay.has(full)) throw new SchemaInvalidError(`${where}: ${full} contains itself`)
    const known = this.#names.get(full)
    if (known !== undefined) return known
    const json = this.#source(full)
    if (json === undefined) throw new SchemaInvalidError(`${where}: unknown type ${JSON.stringify(name)}`)
    return this.parse(json, full, namespace)
  }

  #define(json: JsonObject, type: string, where: string, outer: string): NamedSchema {
    const name = textOf(json, 'name', where)
    const namespace = typeof json['namespace'] === 'string' ? json['namespace'] : outer
    const full = fullNameOf(name, namespace)
    full.split('.').forEach((part) => checkName(part, where))
    if (this.#names.has(full) || this.#underWay.has(full)) throw new SchemaInvalidError(`${where}: ${full} is defined twice`)
    const inner = full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : ''
    const base = { name: full, doc: docOf(json), aliases: listOf(json, 'aliases', where).map((alias) => fullNameOf(alias, inner)) }
    this.#underWay.add(full)
    const schema =
      type === 'enum'
        ? enumOf(json, base, where)
        : type === 'fixed'
          ? fixedOf(json, base, where)
          : { kind: 'record' as const, ...base, fields: this.#fields(json, where, inner) }
    this.#underWay.delete(full)
    this.#names.set(full, schema)
    return schema
  }

  #fields(json: JsonObject, where: string, namespace: string): FieldSchema[] {
    const fields = json['fields']
    if (!Array.isArray(fields)) throw new SchemaInvalidError(`${where}: a record needs fields`)
    const names = new Set<string>()
    return fields.map((field: unknown, index): FieldSchema => {
      if (!isObject(field)) throw new SchemaInvalidError(`${where}: field ${String(index)} is not an object`)
      const name = textOf(field, 'name', where)
      checkName(name, where)
      if (names.has(name)) throw new SchemaInvalidError(`${where}.${name}: the field is defined twice`)
      names.add(name)
      const type = this.parse(field['type'], `${where}.${name}`, namespace)
      return { name, type, doc: docOf(field), aliases: listOf(field, 'aliases', where), default: field['default'] }
    })
  }
}

type NamedBase = Pick<RecordSchema, 'name' | 'doc' | 'aliases'>

function enumOf(json: JsonObject, base: NamedBase, where: string): EnumSchema {
  const symbols = listOf(json, 'symbols', where)
  const fallback = json['default']
  symbols.forEach((symbol) => checkName(symbol, where))
  if (symbols.length === 0) throw new SchemaInvalidError(`${where}: an enum needs symbols`)
  if (new Set(symbols).size !== symbols.length) throw new SchemaInvalidError(`${where}: a symbol occurs twice in ${base.name}`)
  if (fallback === undefined) return { kind: 'enum', ...base, symbols, default: null }
  if (typeof fallback !== 'string' || !symbols.includes(fallback)) {
    throw new SchemaInvalidError(`${where}: the default ${JSON.stringify(fallback)} is no symbol of ${base.name}`)
  }
  return { kind: 'enum', ...base, symbols, default: fallback }
}

function fixedOf(json: JsonObject, base: NamedBase, where: string): FixedSchema {
  const size = json['size']
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) throw new SchemaInvalidError(`${where}: ${base.name} needs a size`)
  return { kind: 'fixed', ...base, size }
}

/** `__proto__` is a name by the specification, but as a key of an object it is a trap. */
function checkName(name: string, where: string): void {
  if (!NAME.test(name) || name === '__proto__') throw new SchemaInvalidError(`${where}: ${JSON.stringify(name)} is no name`)
}

function textOf(json: JsonObject, key: string, where: string): string {
  const value = json[key]
  if (typeof value !== 'string' || value === '') throw new SchemaInvalidError(`${where}: ${key} is missing`)
  return value
}

function docOf(json: JsonObject): string {
  return typeof json['doc'] === 'string' ? json['doc'] : ''
}

function listOf(json: JsonObject, key: string, where: string): string[] {
  const value: unknown = json[key] ?? []
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string'))
    throw new SchemaInvalidError(`${where}: ${key} must be names`)
  return value as string[]
}
