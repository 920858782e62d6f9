// Client of a schema registry that speaks Confluent's API: schemas by id, registration under a subject, compatibility.
// Also a SchemaSource: the codec learns foreign ids from it.
// @see https://docs.confluent.io/platform/current/schema-registry/develop/api.html
import type { TopicKey } from '../../infra/topic-log/topics.js'
import { SchemaUnknownError } from '../record-errors.js'
import { subjectOf } from '../topics.js'
import type { SchemaSource } from '../writer-schemas.js'
import { RegistryHttp, RegistryRefusedError, SchemaIncompatibleError, type RegistryAnswer, type RegistryConfig } from './registry-http.js'

/** A schema as a registry holds it. */
export interface RegisteredSchema {
  readonly id: number
  readonly version: number
  readonly json: unknown
}

/** A registry's answer about a schema and the versions that it holds. */
export interface CompatibilityAnswer {
  readonly isCompatible: boolean
  /** Its reasons, if it returns any. */
  readonly messages: readonly string[]
}

/** Most versions of a subject whose ids are read, the newest ones: each is a request, once. */
const MAX_VERSIONS = 200

/** A client of one registry. Every method throws RegistryUnreachableError and RegistryRefusedError. */
export class RegistryClient implements SchemaSource {
  readonly #http: RegistryHttp
  /** Ids by subject and version: a version keeps its id. */
  readonly #ids = new Map<string, Map<number, number>>()

  constructor(config: RegistryConfig) {
    this.#http = new RegistryHttp(config)
  }

  /** Address without credentials. */
  get address(): string {
    return this.#http.address
  }

  /** @throws SchemaUnknownError when the registry has no Avro schema with this id */
  async fetchSchema(id: number): Promise<unknown> {
    // Ids are signed in the wire format; no registry assigns one below 1.
    if (id < 1) throw new SchemaUnknownError(id, 'no registry assigns such an id')
    const path = `/schemas/ids/${String(id)}`
    const answer = await this.#http.request('GET', path)
    if (answer.status === 404) throw new SchemaUnknownError(id, `schema registry ${this.address} does not have it`)
    const { schema, schemaType } = this.#object(answer, path)
    if (typeof schema !== 'string' || (schemaType !== undefined && schemaType !== 'AVRO')) {
      throw new SchemaUnknownError(id, `schema registry ${this.address} has no Avro schema under this id`)
    }
    return this.#parse(schema, path)
  }

  /** The ids of the versions of a topic's subject. Costs one request, and one for each version that was not listed before. */
  async listIds(topic: TopicKey): Promise<ReadonlySet<number>> {
    const subject = subjectOf(topic)
    const path = `/subjects/${encodeURIComponent(subject)}/versions`
    const answer = await this.#http.request('GET', path)
    if (answer.status === 404) return new Set()
    const versions = this.#object(answer, path)
    if (!Array.isArray(versions)) throw this.#unexpected(answer, path)
    const known = this.#ids.get(subject)
    const ids = new Map<number, number>()
    for (const version of versions.filter((one) => typeof one === 'number').slice(-MAX_VERSIONS)) {
      const id = known?.get(version) ?? (await this.#idOf(path, version))
      if (id !== null) ids.set(version, id)
    }
    this.#ids.set(subject, ids)
    return new Set(ids.values())
  }

  /** The newest version of a subject; null when it has none. */
  async latest(subject: string): Promise<RegisteredSchema | null> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/latest`
    const answer = await this.#http.request('GET', path)
    if (answer.status === 404) return null
    const { id, version, schema } = this.#object(answer, path)
    if (typeof id !== 'number' || typeof version !== 'number' || typeof schema !== 'string') throw this.#unexpected(answer, path)
    return { id, version, json: this.#parse(schema, path) }
  }

  /** Registers a schema unless it is registered. @returns its id @throws SchemaIncompatibleError */
  async register(subject: string, json: unknown): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`
    const answer = await this.#http.request('POST', path, { schema: JSON.stringify(json), schemaType: 'AVRO' })
    if (answer.status === 409) {
      throw new SchemaIncompatibleError(
        `schema registry ${this.address} holds versions of ${subject} that the schema is not compatible with`,
        {
          details: { subject, reason: reasonOf(answer.body) },
        },
      )
    }
    const { id } = this.#object(answer, path)
    if (typeof id !== 'number') throw this.#unexpected(answer, path)
    return id
  }

  /** Whether the schema is compatible with the versions that the subject has, under the level set there; true for a new subject. */
  async isCompatible(subject: string, json: unknown): Promise<CompatibilityAnswer> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions?verbose=true`
    const answer = await this.#http.request('POST', path, { schema: JSON.stringify(json), schemaType: 'AVRO' })
    if (answer.status === 404) return { isCompatible: true, messages: [] }
    const { is_compatible: isCompatible, messages } = this.#object(answer, path)
    if (typeof isCompatible !== 'boolean') throw this.#unexpected(answer, path)
    return { isCompatible, messages: Array.isArray(messages) ? messages.map(String) : [] }
  }

  /** Sets the compatibility level of a subject; false when the registry wants the subject to exist first. */
  async setCompatibility(subject: string, level: 'FULL_TRANSITIVE'): Promise<boolean> {
    const path = `/config/${encodeURIComponent(subject)}`
    const answer = await this.#http.request('PUT', path, { compatibility: level })
    if (answer.status === 404) return false
    this.#object(answer, path)
    return true
  }

  /** null for a version that was deleted since it was listed. */
  async #idOf(versionsPath: string, version: number): Promise<number | null> {
    const path = `${versionsPath}/${String(version)}`
    const answer = await this.#http.request('GET', path)
    if (answer.status === 404) return null
    const { id } = this.#object(answer, path)
    if (typeof id !== 'number') throw this.#unexpected(answer, path)
    return id
  }

  #object(answer: RegistryAnswer, path: string): Readonly<Record<string, unknown>> {
    const { status, body } = answer
    if (status >= 200 && status < 300 && typeof body === 'object' && body !== null) return body as Readonly<Record<string, unknown>>
    throw this.#unexpected(answer, path)
  }

  #unexpected({ status, body }: RegistryAnswer, path: string): RegistryRefusedError {
    const reason = reasonOf(body)
    return new RegistryRefusedError(
      `schema registry ${this.address} answered ${path} with status ${String(status)}${reason === '' ? '' : `: ${reason}`}`,
    )
  }

  #parse(schema: string, path: string): unknown {
    try {
      // Apicurio and Confluent both return a primitive as a bare name.
      return /^[\s]*[[{"]/.test(schema) ? (JSON.parse(schema) as unknown) : schema
    } catch (error) {
      throw new RegistryRefusedError(`schema registry ${this.address} answered ${path} with a schema that is not JSON`, { cause: error })
    }
  }
}

function reasonOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return ''
  const { message } = body as { message?: unknown }
  return typeof message === 'string' ? message.slice(0, 1_000) : ''
}
