// How a value of the writer's schema becomes one of the reader's: Avro's schema resolution, as a tree of steps.
// The decoder compiles the steps, and the compatibility check asks only whether there are any: one definition of "can read" for both.
// @see https://avro.apache.org/docs/1.12.0/specification/#schema-resolution
import { EunomiaError } from '../../infra/errors.js'
import { branchName, shortNameOf, type AvroSchema, type EnumSchema, type FieldSchema, type NamedSchema } from './schema-model.js'
import type { PrimitiveName, RecordSchema } from './schema-model.js'
import { defaultValueOf } from './default-value.js'

/** A record of the reader from one of the writer. */
export interface RecordStep {
  readonly kind: 'record'
  /** In the order of the writer: what becomes of each field; `into` is the index of the reader's field, -1 to step over it. */
  readonly fields: readonly { readonly into: number; readonly step: Step }[]
  /** Names of the reader's fields. */
  readonly names: readonly string[]
  /** Values of the reader's fields that the writer does not have, by index. */
  readonly defaults: ReadonlyMap<number, unknown>
}

/** One step of a resolution. */
export type Step =
  | RecordStep
  | { readonly kind: 'skip'; readonly schema: AvroSchema }
  | { readonly kind: 'primitive'; readonly from: PrimitiveName; readonly to: PrimitiveName }
  | { readonly kind: 'fixed'; readonly size: number }
  /** By number of the writer's symbol: the reader's symbol, or undefined where it has none and no default. */
  | { readonly kind: 'enum'; readonly symbols: readonly (string | undefined)[] }
  | { readonly kind: 'array'; readonly items: Step; readonly written: AvroSchema }
  | { readonly kind: 'map'; readonly values: Step; readonly written: AvroSchema }
  /** By branch of the writer: the step, or null for a branch that the reader has not. */
  | { readonly kind: 'union'; readonly branches: readonly (Step | null)[] }

/** The reader can't read what the writer writes. The message has the path of the field. */
export class SchemaIncompatibleError extends EunomiaError {
  static override readonly code = 'EUNOMIA_SCHEMA_INCOMPATIBLE'
  static override readonly isUserMistake = true
  /** Path of the field, empty for the record itself. */
  readonly path: string

  constructor(path: string, reason: string) {
    super(`${path === '' ? 'the schema' : `field ${path}`}: ${reason}`, { details: { path } })
    this.path = path
  }
}

/** How strictly writer and reader must agree. */
export interface ResolutionOptions {
  /**
   * Also what merely might not be readable is refused: a branch of the writer's union, or a symbol of its enum, that the reader lacks.
   * On for the compatibility check; off for reading, where only the values at hand count.
   */
  readonly isStrict: boolean
}

const PROMOTIONS: Readonly<Partial<Record<PrimitiveName, readonly PrimitiveName[]>>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
}

/** @throws SchemaIncompatibleError */
export function resolve(writer: AvroSchema, reader: AvroSchema, options: ResolutionOptions, path = ''): Step {
  if (writer.kind === 'union')
    return { kind: 'union', branches: writer.branches.map((branch) => resolveBranch(branch, reader, options, path)) }
  if (reader.kind === 'union') return resolveIntoUnion(writer, reader.branches, options, path)
  if (writer.kind === 'primitive' && reader.kind === 'primitive') {
    if (writer.name === reader.name || PROMOTIONS[writer.name]?.includes(reader.name) === true) {
      return { kind: 'primitive', from: writer.name, to: reader.name }
    }
  } else if (writer.kind === 'array' && reader.kind === 'array') {
    return { kind: 'array', items: resolve(writer.items, reader.items, options, `${path}[]`), written: writer.items }
  } else if (writer.kind === 'map' && reader.kind === 'map') {
    return { kind: 'map', values: resolve(writer.values, reader.values, options, `${path}{}`), written: writer.values }
  } else if (writer.kind === 'record' && reader.kind === 'record') {
    checkNames(writer, reader, path)
    return resolveRecord(writer, reader, options, path)
  } else if (writer.kind === 'enum' && reader.kind === 'enum') {
    checkNames(writer, reader, path)
    return resolveEnum(writer, reader, options, path)
  } else if (writer.kind === 'fixed' && reader.kind === 'fixed') {
    checkNames(writer, reader, path)
    if (writer.size !== reader.size) throw new SchemaIncompatibleError(path, `${String(writer.size)} bytes became ${String(reader.size)}`)
    return { kind: 'fixed', size: writer.size }
  }
  throw new SchemaIncompatibleError(path, `${branchName(writer)} can't be read as ${branchName(reader)}`)
}

function resolveBranch(branch: AvroSchema, reader: AvroSchema, options: ResolutionOptions, path: string): Step | null {
  try {
    return resolve(branch, reader, options, path)
  } catch (error) {
    if (options.isStrict || !(error instanceof SchemaIncompatibleError)) throw error
    return null
  }
}

// The specification takes the first branch that matches; a branch of the same kind goes before one that needs a promotion.
function resolveIntoUnion(writer: AvroSchema, branches: readonly AvroSchema[], options: ResolutionOptions, path: string): Step {
  const same = branches.find((branch) => branchName(branch) === branchName(writer))
  if (same !== undefined) return resolve(writer, same, options, path)
  for (const branch of branches) {
    try {
      return resolve(writer, branch, options, path)
    } catch (error) {
      if (!(error instanceof SchemaIncompatibleError)) throw error
    }
  }
  throw new SchemaIncompatibleError(path, `${branchName(writer)} is none of ${branches.map(branchName).join(', ')}`)
}

function resolveRecord(writer: RecordSchema, reader: RecordSchema, options: ResolutionOptions, path: string): RecordStep {
  const written = new Map(writer.fields.map((field) => [field.name, field]))
  const targets = new Map<string, number>()
  const defaults = new Map<number, unknown>()
  reader.fields.forEach((field, index) => {
    const fieldPath = path === '' ? field.name : `${path}.${field.name}`
    const source = writtenName(field, written)
    if (source !== undefined) targets.set(source, index)
    else if (field.default === undefined)
      throw new SchemaIncompatibleError(fieldPath, 'the writer has no such field, and it has no default')
    else defaults.set(index, defaultValueOf(field.type, field.default, fieldPath))
  })
  const fields = writer.fields.map((field) => {
    const into = targets.get(field.name) ?? -1
    const target = reader.fields[into]
    if (target === undefined) return { into: -1, step: { kind: 'skip' as const, schema: field.type } }
    return { into, step: resolve(field.type, target.type, options, path === '' ? target.name : `${path}.${target.name}`) }
  })
  return { kind: 'record', fields, names: reader.fields.map((field) => field.name), defaults }
}

function writtenName(field: FieldSchema, written: ReadonlyMap<string, FieldSchema>): string | undefined {
  return [field.name, ...field.aliases].find((name) => written.has(name))
}

function resolveEnum(writer: EnumSchema, reader: EnumSchema, options: ResolutionOptions, path: string): Step {
  const symbols = writer.symbols.map((symbol) => (reader.symbols.includes(symbol) ? symbol : (reader.default ?? undefined)))
  const missing = symbols.indexOf(undefined)
  if (options.isStrict && missing >= 0) {
    throw new SchemaIncompatibleError(path, `${shortNameOf(reader.name)} has no symbol ${writer.symbols[missing] ?? ''} and no default`)
  }
  return { kind: 'enum', symbols }
}

// As Java does: the short names must be the same, or an alias of the reader names the writer.
function checkNames(writer: NamedSchema, reader: NamedSchema, path: string): void {
  if (shortNameOf(writer.name) === shortNameOf(reader.name) || reader.aliases.includes(writer.name)) return
  throw new SchemaIncompatibleError(path, `${writer.name} can't be read as ${reader.name}`)
}
