// Our schemas and a registry: `eunomia schemas list|check|register` as plain functions.
import { TOPIC_KEYS, type TopicKey } from '../../infra/topic-log/topics.js'
import { CURRENT_VERSION, fixedIdOf } from '../ids.js'
import { parseRecord, type TopicSchema } from '../schema-set.js'
import { RECORD_OF_TOPIC, subjectOf } from '../topics.js'
import { schemaJson } from '../tree/schema-json.js'
import { fullFaults } from '../compatibility.js'
import type { RegistryClient } from './registry-client.js'

/** One line of `eunomia schemas list`. */
export interface SchemaListing {
  readonly topic: TopicKey
  readonly subject: string
  readonly record: string
  readonly version: number
  /** Id in the values when no registry is used. */
  readonly fixedId: number
}

/** The state of one of our schemas in a registry. `same`: registered; `compatible`: it would be accepted; `missing`: the subject is new. */
export interface SchemaStanding {
  readonly topic: TopicKey
  readonly subject: string
  readonly state: 'same' | 'compatible' | 'missing' | 'incompatible'
  /** Id in the registry when it is registered. */
  readonly id: number | null
  /** Why it is incompatible, with the paths of the fields. */
  readonly reasons: readonly string[]
}

/** Our schemas, by topic. */
export function listSchemas(): readonly SchemaListing[] {
  return TOPIC_KEYS.map((topic) => ({
    topic,
    subject: subjectOf(topic),
    record: RECORD_OF_TOPIC[topic],
    version: CURRENT_VERSION[topic],
    fixedId: fixedIdOf(topic),
  }))
}

/** Compares our schemas with what a registry holds, and changes nothing. */
export async function checkSchemas(
  registry: RegistryClient,
  schemas: ReadonlyMap<TopicKey, TopicSchema>,
): Promise<readonly SchemaStanding[]> {
  return Promise.all([...schemas.values()].map(async (schema) => standingOf(registry, schema)))
}

/**
 * Registers our schemas under their subjects, which are set to FULL_TRANSITIVE.
 * @returns the id of each topic's schema: what `new Codec({ ids })` takes
 * @throws SchemaIncompatibleError
 */
export async function registerSchemas(
  registry: RegistryClient,
  schemas: ReadonlyMap<TopicKey, TopicSchema>,
): Promise<Readonly<Record<TopicKey, number>>> {
  const ids = await Promise.all(
    [...schemas.values()].map(async ({ topic, json }): Promise<[TopicKey, number]> => {
      const subject = subjectOf(topic)
      // Before the schema where the registry allows it: a subject must not accept an incompatible version in between.
      const isSet = await registry.setCompatibility(subject, 'FULL_TRANSITIVE')
      const id = await registry.register(subject, json)
      if (!isSet) await registry.setCompatibility(subject, 'FULL_TRANSITIVE')
      return [topic, id]
    }),
  )
  return Object.fromEntries(ids) as Record<TopicKey, number>
}

async function standingOf(registry: RegistryClient, { topic, json, schema }: TopicSchema): Promise<SchemaStanding> {
  const subject = subjectOf(topic)
  const latest = await registry.latest(subject)
  if (latest === null) return { topic, subject, state: 'missing', id: null, reasons: [] }
  const registered = parseRecord(latest.json, subject)
  if (JSON.stringify(schemaJson(registered)) === JSON.stringify(json)) return { topic, subject, state: 'same', id: latest.id, reasons: [] }
  const answer = await registry.isCompatible(subject, json)
  const faults = fullFaults(registered, schema).map(({ path, reason }) => (path === '' ? reason : `field ${path}: ${reason}`))
  const isCompatible = answer.isCompatible && faults.length === 0
  return {
    topic,
    subject,
    state: isCompatible ? 'compatible' : 'incompatible',
    id: null,
    reasons: isCompatible ? [] : [...faults, ...answer.messages],
  }
}
