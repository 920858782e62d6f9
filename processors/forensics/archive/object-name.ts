// Names of objects: `process/2026-11-28T06/3-00000000000000000017-5c1e0a9d3b47.parquet`. The folder is the hour of the upload and never a filter: what an
// object holds is in its entry. The hash is of its content, so that no object ever replaces another one.
import type { TopicKey } from '../../../infra/topic-log/topics.js'

const OFFSET_DIGITS = 20
const HASH_DIGITS = 12
const HOUR_LENGTH = 'YYYY-MM-DDTHH'.length

/** What the name says of an object. */
export interface NamedObject {
  readonly topic: TopicKey
  readonly partition: number
  readonly firstOffset: number
  readonly sha256: string
}

/** @param uploadedMs Unix milliseconds */
export function objectNameOf({ topic, partition, firstOffset, sha256 }: NamedObject, uploadedMs: number): string {
  const hour = new Date(uploadedMs).toISOString().slice(0, HOUR_LENGTH)
  const first = String(firstOffset).padStart(OFFSET_DIGITS, '0')
  return `${topic}/${hour}/${String(partition)}-${first}-${sha256.slice(0, HASH_DIGITS)}.parquet`
}

const NAME = new RegExp(
  `^[a-z]+/\\d{4}-\\d\\d-\\d\\dT\\d\\d/\\d+-\\d{${String(OFFSET_DIGITS)}}-[0-9a-f]{${String(HASH_DIGITS)}}\\.parquet$`,
)

/** Whether it is a name that `objectNameOf` makes: what others have stored next to objects is not ours. */
export function isArchiveName(name: string): boolean {
  return NAME.test(name)
}
