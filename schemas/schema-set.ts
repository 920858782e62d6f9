// The schemas of all topics, each made self-contained (every shared type defined at its first use), with the parsed tree beside the JSON.
// What the codec encodes with, what is registered, and what is stored as a version.
import { join } from 'node:path'
import { TOPIC_KEYS, type TopicKey } from '../infra/topic-log/topics.js'
import { packageRoot } from '../infra/process/package-root.js'
import type { RecordSchema } from './tree/schema-model.js'
import { schemaJson } from './tree/schema-json.js'
import { SchemaInvalidError, SchemaParser } from './tree/schema-parser.js'
import { NAMESPACE, readSchemaFile, readSchemaFiles, type SchemaFiles } from './schema-files.js'
import { SCHEMA_VERSIONS } from './ids.js'
import { RECORD_OF_TOPIC } from './topics.js'

/** A schema that stands for itself. */
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

/** A version of a topic's record as it was stored. */
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
