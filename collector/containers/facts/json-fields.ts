// Reads fields of JSON from outside: what is missing or of another type becomes a default, what is long is cut. Never throws.

/** A JSON object of which nothing is known. */
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
