// Proves that all stored versions of each record, and what the schema files say now, are fully compatible with each other.
import type { TopicKey } from '../infra/topic-log/topics.js'
import { fullFaults, type Incompatibility } from './compatibility.js'
import { CURRENT_VERSION } from './ids.js'
import { schemaJson } from './tree/schema-json.js'
import type { StoredSchema, TopicSchema } from './schema-set.js'

/** A pair of versions that do not read each other. */
export interface VersionFault extends Incompatibility {
  readonly topic: TopicKey
  readonly older: number
  readonly newer: number
}

/** Every fault between two versions of a topic's record, path and reason with it. */
export function versionFaults(stored: readonly StoredSchema[]): readonly VersionFault[] {
  return stored.flatMap((newer) => {
    const earlier = stored.filter((older) => older.topic === newer.topic && older.version < newer.version)
    return earlier.flatMap((older) =>
      fullFaults(older.schema, newer.schema).map((fault) => ({ ...fault, topic: newer.topic, older: older.version, newer: newer.version })),
    )
  })
}

/** Topics whose schema file says something else than their stored current version: they need `npm run generate`, or a version of their own. */
export function unstoredTopics(current: ReadonlyMap<TopicKey, TopicSchema>, stored: readonly StoredSchema[]): readonly TopicKey[] {
  return [...current.values()]
    .filter(({ topic, schema }) => !isStored(topic, JSON.stringify(schemaJson(schema)), stored))
    .map(({ topic }) => topic)
}

function isStored(topic: TopicKey, text: string, stored: readonly StoredSchema[]): boolean {
  const version = stored.find((each) => each.topic === topic && each.version === CURRENT_VERSION[topic])
  return version !== undefined && JSON.stringify(schemaJson(version.schema)) === text
}
