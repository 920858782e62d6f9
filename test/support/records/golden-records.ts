// Golden bytes: one record of each kind and version as JSON (bytes as { "$bytes": hex }), and its Avro body as hex.
// The hex comes from reference-avro.ts, written from the specification. Once a version is released its files never change.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'

/** A golden record. */
export interface Golden {
  readonly record: unknown
  readonly body: Uint8Array
}

/** The path of a golden file. */
export function goldenPath(topic: TopicKey, version: number, ending: 'json' | 'hex'): string {
  return join(packageRoot(), 'test', 'fixtures', 'golden', `${topic}.${String(version)}.${ending}`)
}

/** The golden record of a version. */
export function golden(topic: TopicKey, version: number): Golden {
  const body = Uint8Array.from(Buffer.from(readFileSync(goldenPath(topic, version, 'hex'), 'utf8').replace(/\s+/g, ''), 'hex'))
  return { record: goldenRecord(topic, version), body }
}

/** The record of a golden version. */
export function goldenRecord(topic: TopicKey, version: number): unknown {
  return JSON.parse(readFileSync(goldenPath(topic, version, 'json'), 'utf8'), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && '$bytes' in value ? Uint8Array.from(Buffer.from(String(value.$bytes), 'hex')) : value,
  )
}
