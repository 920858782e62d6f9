// An Avro schema as a typed tree: what the codec, the type generator, the documentation and the compatibility check walk.
// Pure data, created by schema-parser.ts; knows neither our topics nor bytes.
// @see https://avro.apache.org/docs/1.12.0/specification/#schema-declaration

/** Names of the Avro primitives. */
export const PRIMITIVE_NAMES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const
/** Name of an Avro primitive. */
export type PrimitiveName = (typeof PRIMITIVE_NAMES)[number]

/** A primitive, with the logical type that annotates it. */
export interface PrimitiveSchema {
  readonly kind: 'primitive'
  readonly name: PrimitiveName
  readonly logicalType: string | null
}
/** One field of a record. `default` is undefined when the field has none (null is a default). */
export interface FieldSchema {
  readonly name: string
  readonly type: AvroSchema
  readonly doc: string
  readonly aliases: readonly string[]
  readonly default: unknown
}
/** A record; `name` is its full name. */
export interface RecordSchema {
  readonly kind: 'record'
  readonly name: string
  readonly doc: string
  readonly aliases: readonly string[]
  readonly fields: readonly FieldSchema[]
}
/** An enum; `default` is the symbol for one that the reader does not know. */
export interface EnumSchema {
  readonly kind: 'enum'
  readonly name: string
  readonly doc: string
  readonly aliases: readonly string[]
  readonly symbols: readonly string[]
  readonly default: string | null
}
/** Bytes of a fixed length. */
export interface FixedSchema {
  readonly kind: 'fixed'
  readonly name: string
  readonly doc: string
  readonly aliases: readonly string[]
  readonly size: number
}
/** A schema that has a name and can be referred to. */
export type NamedSchema = RecordSchema | EnumSchema | FixedSchema
/** Any Avro schema. A named type that is used twice is the same object twice. */
export type AvroSchema =
  | PrimitiveSchema
  | NamedSchema
  | { readonly kind: 'array'; readonly items: AvroSchema }
  | { readonly kind: 'map'; readonly values: AvroSchema }
  | { readonly kind: 'union'; readonly branches: readonly AvroSchema[] }

/** Name of a branch, unique in its union: the full name of a named type. */
export function branchName(schema: AvroSchema): string {
  return 'name' in schema ? schema.name : schema.kind
}

/** The part of a full name after the namespace. */
export function shortNameOf(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1)
}

/** `name` in `namespace`, unless it has its own namespace. */
export function fullNameOf(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}
