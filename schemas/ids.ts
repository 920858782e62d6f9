// Fixed schema ids, for use without a registry. They start at 1,000,000,001, out of the range of registries.
// One id per version of a record, never reused; the schemas of all versions are in schemas/versions/<record>/<version>.avsc.
import type { TopicKey } from '../infra/topic-log/topics.js'

/** The version of each topic's record that we write. */
export const CURRENT_VERSION: Readonly<Record<TopicKey, number>> = {
  process: 1,
  file: 1,
  network: 1,
  kernel: 1,
  container: 1,
  host: 1,
  usage: 1,
  alerts: 1,
  pending: 1,
  deadletter: 1,
  audit: 1,
  state: 1,
  archive: 1,
  hunts: 1,
}

/**
 * The last version of each topic's record that was released: from then on its schema never changes. 0 before the first release, while
 * `npm run generate` still stores what the .avsc files say as the current version.
 */
export const RELEASED_VERSION: Readonly<Record<TopicKey, number>> = {
  process: 0,
  file: 0,
  network: 0,
  kernel: 0,
  container: 0,
  host: 0,
  usage: 0,
  alerts: 0,
  pending: 0,
  deadletter: 0,
  audit: 0,
  state: 0,
  archive: 0,
  hunts: 0,
}

/** One version of a record. */
export interface SchemaVersion {
  readonly id: number
  readonly topic: TopicKey
  readonly version: number
}

/** All versions ever. Append only. */
export const SCHEMA_VERSIONS: readonly SchemaVersion[] = [
  { id: 1_000_000_001, topic: 'process', version: 1 },
  { id: 1_000_000_002, topic: 'file', version: 1 },
  { id: 1_000_000_003, topic: 'container', version: 1 },
  { id: 1_000_000_004, topic: 'host', version: 1 },
  { id: 1_000_000_005, topic: 'alerts', version: 1 },
  { id: 1_000_000_006, topic: 'pending', version: 1 },
  { id: 1_000_000_007, topic: 'deadletter', version: 1 },
  { id: 1_000_000_008, topic: 'network', version: 1 },
  { id: 1_000_000_009, topic: 'kernel', version: 1 },
  { id: 1_000_000_010, topic: 'usage', version: 1 },
  { id: 1_000_000_011, topic: 'audit', version: 1 },
  { id: 1_000_000_012, topic: 'state', version: 1 },
  { id: 1_000_000_013, topic: 'archive', version: 1 },
  { id: 1_000_000_014, topic: 'hunts', version: 1 },
]

/** The fixed id of the version of `topic`'s record that we write. */
export function fixedIdOf(topic: TopicKey): number {
  const entry = SCHEMA_VERSIONS.find((each) => each.topic === topic && each.version === CURRENT_VERSION[topic])
  if (entry === undefined) throw new Error(`schemas/ids.ts has no id for version ${String(CURRENT_VERSION[topic])} of ${topic}`)
  return entry.id
}
