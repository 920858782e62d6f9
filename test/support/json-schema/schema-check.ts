// Whether a value is what a JSON schema (draft 7) asks for; the one file that knows ajv.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'

/** How a schema is read. */
export interface SchemaCheckOptions {
  /** Objects with listed properties hold no others, also where the schema does not say so: a name that is misspelt is then a problem. */
  readonly isClosed?: boolean
}

/** A schema, compiled once. */
export class SchemaCheck {
  readonly #validate: ValidateFunction

  constructor(schema: object, { isClosed = false }: SchemaCheckOptions = {}) {
    const ajv = new Ajv({ allErrors: true, strict: false })
    this.#validate = ajv.compile(isClosed ? (closed(schema) as object) : schema)
  }

  /** What is wrong with the value, a line each; empty when it is valid. */
  problems(value: unknown): string[] {
    if (this.#validate(value)) return []
    return (this.#validate.errors ?? []).map(problemText)
  }
}

function problemText({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath === '' ? '/' : instancePath} ${message ?? 'is wrong'} ${JSON.stringify(params)}`
}

/** The schema with `additionalProperties: false` at every object that lists its properties. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const inside = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  const isObject = 'type' in inside && inside['type'] === 'object' && 'properties' in inside
  return isObject ? { additionalProperties: false, ...inside } : inside
}
