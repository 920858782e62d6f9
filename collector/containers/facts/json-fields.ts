// Reads fields of untrusted JSON: a missing field or one of another type becomes a default; long values are cut. Never throws.

/** A JSON object with unknown content. */
export type JsonObject = Readonly<Record<string, unknown>>

const EMPTY: JsonObject = {}

/** The value when it is an object, else null. */
export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

/** The object at `key`; an empty one for anything else. */
export function objectAt(object: JsonObject, key: string): JsonObject {
  return asObject(object[key]) ?? EMPTY
}

/** The list at `key`, at most `maxLength` of it; an empty one for anything else. */
export function listAt(object: JsonObject, key: string, maxLength: number): readonly unknown[] {
  const value = object[key]
  return Array.isArray(value) ? (value as unknown[]).slice(0, maxLength) : []
}

/** The text at `key`, at most `maxLength` UTF-16 units of it; empty for anything else. */
export function textAt(object: JsonObject, key: string, maxLength: number): string {
  const value = object[key]
  return typeof value === 'string' ? value.slice(0, maxLength) : ''
}

/** The whole number at `key` within the bounds; null for anything else. */
export function integerAt(object: JsonObject, key: string, min: number, max: number): number | null {
  const value = object[key]
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max ? value : null
}

/** True when `key` holds true. */
export function isTrueAt(object: JsonObject, key: string): boolean {
  return object[key] === true
}

/** Bounds of facts; the excess is left out. */
export const FACTS_BOUNDS = {
  nameLength: 1024,
  imageLength: 1024,
  pathLength: 4096,
  labels: 256,
  labelLength: 4096,
  labelsLength: 65_536,
  mounts: 512,
}

/** PID_MAX_LIMIT of the kernel. */
export const MAX_PID = 4_194_304

/** RFC 3339 with nanoseconds -> Unix microseconds; 0 for anything else. */
export function createdAtUs(text: string): number {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text)
  const seconds = found?.[1] === undefined ? Number.NaN : Date.parse(`${found[1]}${found[3] ?? 'Z'}`) / 1000
  if (Number.isNaN(seconds)) return 0
  return seconds * 1_000_000 + Number((found?.[2] ?? '').padEnd(6, '0').slice(0, 6))
}

/** Unix nanoseconds as decimal text -> Unix microseconds; 0 for anything else. */
export function microsecondsOf(nanoseconds: string): number {
  return /^\d{4,19}$/.test(nanoseconds) ? Number(BigInt(nanoseconds) / 1000n) : 0
}
