// The schema files on disk, and the self-contained schema of each topic: every shared type is defined at its first use.
// The codec encodes with these schemas; they are registered, and stored as versions.
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { messageOf } from '../infra/process/errors.js'
import { packageRoot } from '../infra/process/package-root.js'
import { TOPIC_KEYS, type TopicKey } from '../infra/topic-log/topics.js'
import { SCHEMA_VERSIONS } from './ids.js'
import { RECORD_OF_TOPIC } from './topics.js'
import { schemaJson } from './tree/schema-json.js'
import { fullNameOf, type RecordSchema } from './tree/schema-model.js'
import { SchemaInvalidError, SchemaParser } from './tree/schema-parser.js'

/** A self-contained schema. */
export interface TopicSchema {
  readonly topic: TopicKey
  /** Self-contained JSON. */
  readonly json: unknown
  readonly schema: RecordSchema
}

/** The schema that we write to each topic. @throws SchemaInvalidError */
export function currentSchemas(files: SchemaFiles = readSchemaFiles()): ReadonlyMap<TopicKey, TopicSchema> {
  const byName = new Map([...files.records.values()].map((json) => [(json as { name?: unknown }).name, json]))
  return new Map(
    TOPIC_KEYS.map((topic): [TopicKey, TopicSchema] => {
      const name = RECORD_OF_TOPIC[topic]
      const parser = new SchemaParser((shared) => files.shared.get(shared))
      const schema = parser.parse(byName.get(name), name, NAMESPACE)
      if (schema.kind !== 'record') throw new SchemaInvalidError(`${name}: the value of a topic must be a record`)
      return [topic, { topic, json: schemaJson(schema), schema }]
    }),
  )
}

/** A stored version of a topic's record. */
export interface StoredSchema extends TopicSchema {
  readonly version: number
  /** Its fixed id. */
  readonly id: number
}

/** Every stored version. @param folder the one of this package by default @throws SchemaInvalidError */
export function storedSchemas(folder: string = join(packageRoot(), 'schemas', 'versions')): readonly StoredSchema[] {
  return SCHEMA_VERSIONS.map(({ topic, version, id }) => {
    const path = join(folder, topic, `${String(version)}.avsc`)
    const json = readSchemaFile(path)
    return { topic, version, id, json, schema: parseRecord(json, path) }
  })
}

/** Parses a self-contained schema of a record. @throws SchemaInvalidError */
export function parseRecord(json: unknown, where: string): RecordSchema {
  const schema = new SchemaParser().parse(json, where)
  if (schema.kind !== 'record') throw new SchemaInvalidError(`${where}: the value of a topic must be a record`)
  return schema
}

// The .avsc files: the record of each topic, and the shared types that records refer to by a bare name.
/** Namespace of all our records. */
export const NAMESPACE = 'eunomia'

/** The JSON of all schema files. */
export interface SchemaFiles {
  /** By stem of the file, in bytewise order: `process` for process.avsc. */
  readonly records: ReadonlyMap<string, unknown>
  /** By full name: `eunomia.Process` for the record in shared/process.avsc. */
  readonly shared: ReadonlyMap<string, unknown>
}

/**
 * Reads the schema files.
 * @param folder folder of the .avsc files; the one of this package by default
 * @throws SchemaInvalidError for a file that is not JSON
 */
export function readSchemaFiles(folder: string = join(packageRoot(), 'schemas')): SchemaFiles {
  const shared = new Map<string, unknown>()
  for (const json of readFolder(join(folder, 'shared')).values()) shared.set(nameIn(json), json)
  return { records: readFolder(folder), shared }
}

/** Reads one schema file. @throws SchemaInvalidError */
export function readSchemaFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch (error) {
    throw new SchemaInvalidError(`${path}: ${messageOf(error)}`, { cause: error })
  }
}

function readFolder(folder: string): Map<string, unknown> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.avsc'))
  return new Map(names.sort().map((name) => [basename(name, '.avsc'), readSchemaFile(join(folder, name))]))
}

function nameIn(json: unknown): string {
  const { name, namespace } = json as { name?: unknown; namespace?: unknown }
  if (typeof name !== 'string') throw new SchemaInvalidError('a shared schema has no name')
  return fullNameOf(name, typeof namespace === 'string' ? namespace : NAMESPACE)
}
