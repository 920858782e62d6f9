// What the topics of hunts have in bytes: JSON in gzip. Plans and wishes come from a topic that others may write, so their shape is checked before use.
import { gunzipSync, gzipSync } from 'node:zlib'
import { JsonShape, Type } from '../../../infra/config/json-shape.js'
import { TOPIC_KEYS } from '../../../infra/topic-log/topics.js'
import type { HuntPlan } from '../hunt/hunt-plan.js'
import type { SavedHunt } from './saved-hunt.js'

/** Of a plan or an account, unpacked. A record has at most a megabyte. */
const MOST_BYTES = 64 * 1024 * 1024

const TEXTS = Type.Array(Type.String())
const RULES = Type.Object({
  files: Type.Array(Type.Object({ name: Type.String(), text: Type.String() })),
  matching: Type.Enum(['first', 'all']),
})
const SLICE = Type.Object({
  topic: Type.Enum([...TOPIC_KEYS]),
  partition: Type.Integer({ minimum: 0 }),
  from: Type.Integer({ minimum: 0 }),
  to: Type.Integer({ minimum: 0 }),
  fromMs: Type.Number(),
  toMs: Type.Number(),
  keys: Type.Union([TEXTS, Type.Null()]),
  object: Type.Union([Type.String(), Type.Null()]),
  records: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
})
const PLAN = new JsonShape(
  Type.Object({
    version: Type.Literal(1),
    fromMs: Type.Number(),
    toMs: Type.Number(),
    mostRows: Type.Integer({ minimum: 0 }),
    ...{ rules: RULES, slices: Type.Array(SLICE), containers: TEXTS, images: TEXTS, unknownHosts: TEXTS },
    partitions: Type.Array(Type.Object({ topic: Type.String(), partition: Type.Integer() })),
    hosts: Type.Array(Type.Object({ hostId: Type.String() })),
  }),
)
const SAVED = new JsonShape(Type.Object({ spanMs: Type.Number({ minimum: 1 }), rules: RULES }))

/** JSON in gzip. */
export function packed(value: unknown): Uint8Array {
  return gzipSync(JSON.stringify(value))
}

/** @throws Error for what is no JSON in gzip, or too large */
export function unpacked(bytes: Uint8Array): unknown {
  return JSON.parse(gunzipSync(bytes, { maxOutputLength: MOST_BYTES }).toString())
}

/** The plan of a hunt. @throws Error for what is none, or one of another version */
export function planOf({ plan }: { readonly plan: Uint8Array }): HuntPlan {
  const value = unpacked(plan)
  if (!PLAN.fits(value)) throw new TypeError(`it is no plan of this version: ${PLAN.mismatchOf(value) ?? ''}`)
  return value as unknown as HuntPlan
}

/** What a saved hunt asks for. @throws Error for what is none */
export function savedHuntOf({ plan }: { readonly plan: Uint8Array }): SavedHunt {
  const value = unpacked(plan)
  if (!SAVED.fits(value)) throw new TypeError(`it is no saved hunt: ${SAVED.mismatchOf(value) ?? ''}`)
  return value as unknown as SavedHunt
}
