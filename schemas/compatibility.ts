// Compatibility of the versions of a record: each must read what the others wrote, also versions that are not neighbors (FULL_TRANSITIVE).
// avsc resolves the schemas. The walk over the trees names every field that fails, and rejects changes of meaning that avsc accepts.
// @see https://avro.apache.org/docs/1.12.0/specification/#schema-resolution
import { messageOf } from '../infra/process/errors.js'
import type { TopicKey } from '../infra/topic-log/topics.js'
import { avroType } from './avro-types.js'
import { CURRENT_VERSION } from './ids.js'
import type { StoredSchema, TopicSchema } from './schema-set.js'
import { schemaJson } from './tree/schema-json.js'
import { branchName, shortNameOf, type AvroSchema, type EnumSchema, type NamedSchema, type RecordSchema } from './tree/schema-model.js'

/** Why one version can't be read with another. */
export interface Incompatibility {
  /** Path of the field, such as `process.args[]`; empty for the record itself. */
  readonly path: string
  readonly reason: string
}

const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
}

/** What prevents reading values of `writer` with `reader`; empty when nothing does. */
export function readFaults(writer: AvroSchema, reader: AvroSchema): readonly Incompatibility[] {
  const faults = compare(writer, reader, '')
  if (faults.length > 0) return faults
  try {
    avroType(reader).createResolver(avroType(writer))
    return []
  } catch (error) {
    return [{ path: '', reason: messageOf(error) }]
  }
}

/** What prevents reading one version with the other, in either direction. */
export function fullFaults(older: RecordSchema, newer: RecordSchema): readonly Incompatibility[] {
  const backward = readFaults(older, newer).map(({ path, reason }) => ({ path, reason: `new readers of old records: ${reason}` }))
  const forward = readFaults(newer, older).map(({ path, reason }) => ({ path, reason: `old readers of new records: ${reason}` }))
  return [...backward, ...forward]
}

function compare(writer: AvroSchema, reader: AvroSchema, path: string): readonly Incompatibility[] {
  if (writer.kind === 'union') return writer.branches.flatMap((branch) => compare(branch, reader, path))
  if (reader.kind === 'union') return compareIntoUnion(writer, reader.branches, path)
  if (writer.kind === 'primitive' && reader.kind === 'primitive') {
    if (writer.logicalType !== reader.logicalType) {
      return [{ path, reason: `the logical type ${writer.logicalType ?? 'none'} is not ${reader.logicalType ?? 'none'}` }]
    }
    if (writer.name === reader.name || PROMOTIONS[writer.name]?.includes(reader.name) === true) return []
  } else if (writer.kind === 'array' && reader.kind === 'array') return compare(writer.items, reader.items, `${path}[]`)
  else if (writer.kind === 'map' && reader.kind === 'map') return compare(writer.values, reader.values, `${path}{}`)
  else if (writer.kind === 'record' && reader.kind === 'record')
    return [...compareNames(writer, reader, path), ...compareFields(writer, reader, path)]
  else if (writer.kind === 'enum' && reader.kind === 'enum')
    return [...compareNames(writer, reader, path), ...compareSymbols(writer, reader, path)]
  else if (writer.kind === 'fixed' && reader.kind === 'fixed') {
    const sizes = writer.size === reader.size ? [] : [{ path, reason: `${String(writer.size)} bytes are not ${String(reader.size)}` }]
    return [...compareNames(writer, reader, path), ...sizes]
  }
  return [{ path, reason: `${typeName(writer)} is not readable as ${typeName(reader)}` }]
}

function compareIntoUnion(writer: AvroSchema, branches: readonly AvroSchema[], path: string): readonly Incompatibility[] {
  const same = branches.find((branch) => branchName(branch) === branchName(writer))
  if (same !== undefined) return compare(writer, same, path)
  if (branches.some((branch) => compare(writer, branch, path).length === 0)) return []
  return [{ path, reason: `${typeName(writer)} is none of ${branches.map(typeName).join(', ')}` }]
}

function compareFields(writer: RecordSchema, reader: RecordSchema, path: string): Incompatibility[] {
  return reader.fields.flatMap((field) => {
    const fieldPath = path === '' ? field.name : `${path}.${field.name}`
    const written = writer.fields.filter(({ name }) => name === field.name || field.aliases.includes(name))
    const [source, second] = written
    if (second !== undefined)
      return [{ path: fieldPath, reason: `its aliases name several fields: ${written.map(({ name }) => name).join(', ')}` }]
    if (source !== undefined) return compare(source.type, field.type, fieldPath)
    return field.default === undefined ? [{ path: fieldPath, reason: 'the field is missing and has no default' }] : []
  })
}

function compareSymbols(writer: EnumSchema, reader: EnumSchema, path: string): Incompatibility[] {
  const missing = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol))
  if (missing.length === 0 || reader.default !== null) return []
  return [{ path, reason: `${shortNameOf(reader.name)} lacks ${missing.join(', ')} and has no default` }]
}

function compareNames(writer: NamedSchema, reader: NamedSchema, path: string): Incompatibility[] {
  if (writer.name === reader.name || reader.aliases.includes(writer.name)) return []
  return [{ path, reason: `${writer.name} is not ${reader.name}` }]
}

function typeName(schema: AvroSchema): string {
  return 'name' in schema ? shortNameOf(schema.name) : schema.kind
}

/** A pair of versions that can't read each other. */
export interface VersionFault extends Incompatibility {
  readonly topic: TopicKey
  readonly older: number
  readonly newer: number
}

/** Every fault between two versions of a topic's record, with path and reason. */
export function versionFaults(stored: readonly StoredSchema[]): readonly VersionFault[] {
  return stored.flatMap((newer) => {
    const earlier = stored.filter((older) => older.topic === newer.topic && older.version < newer.version)
    return earlier.flatMap((older) =>
      fullFaults(older.schema, newer.schema).map((fault) => ({ ...fault, topic: newer.topic, older: older.version, newer: newer.version })),
    )
  })
}

/** Topics whose schema file differs from their stored current version: they need `npm run generate`, or a new version. */
export function unstoredTopics(current: ReadonlyMap<TopicKey, TopicSchema>, stored: readonly StoredSchema[]): readonly TopicKey[] {
  return [...current.values()]
    .filter(({ topic, schema }) => !isStored(topic, JSON.stringify(schemaJson(schema)), stored))
    .map(({ topic }) => topic)
}

function isStored(topic: TopicKey, text: string, stored: readonly StoredSchema[]): boolean {
  const version = stored.find((each) => each.topic === topic && each.version === CURRENT_VERSION[topic])
  return version !== undefined && JSON.stringify(schemaJson(version.schema)) === text
}
