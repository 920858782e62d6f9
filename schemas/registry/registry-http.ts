// One request to a schema registry: time limit, bounded answer, retries with backoff for temporary failures.
import { EunomiaError, messageOf } from '../../infra/process/errors.js'
import { backoffStepMs } from '../../infra/waiting/backoff.js'
import { pause } from '../../infra/waiting/clock.js'
import { readBody } from '../../infra/waiting/http-body.js'
import { timedSignal } from '../../infra/waiting/signals.js'

/** How a registry is reached. */
export interface RegistryConfig {
  /** Root of the Confluent API, such as http://127.0.0.1:8080/apis/ccompat/v7; credentials in it are used and never shown. */
  readonly url: string
  /** Longest time of one attempt, milliseconds. */
  readonly timeoutMs?: number
  /** Attempts in all; 5 by default. */
  readonly attempts?: number
  /** Pause before the second attempt, doubled for each further one; milliseconds. */
  readonly retryMs?: number
  /** Ends requests and pauses. */
  readonly signal?: AbortSignal
}

/** An answer: status and parsed JSON. */
export interface RegistryAnswer {
  readonly status: number
  readonly body: unknown
}

const DEFAULT_TIMEOUT_MS = 10_000
const DEFAULT_ATTEMPTS = 5
const DEFAULT_RETRY_MS = 200
/** Longer than any schema. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'

/** Sends requests to one registry. */
export class RegistryHttp {
  /** Address without credentials, for messages. */
  readonly address: string
  readonly #root: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #config: RegistryConfig

  /** @throws RegistryRefusedError for anything but an http address */
  constructor(config: RegistryConfig) {
    const url = parseUrl(config.url)
    if (url === null || !/^https?:$/.test(url.protocol))
      throw new RegistryRefusedError('the address of the schema registry is not an http or https address')
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    const authorization = credentials === ':' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
    this.address = url.origin
    this.#root = `${url.origin}${url.pathname.replace(/\/+$/, '')}`
    this.#headers = { accept: `${CONTENT_TYPE}, application/json`, 'content-type': CONTENT_TYPE, ...authorization }
    this.#config = config
  }

  /**
   * The answer to a request with any status below 500 except 401, 403 and 429.
   * @param path below the root, with its slash
   * @throws RegistryUnreachableError when every attempt failed
   * @throws RegistryRefusedError for 401 and 403
   */
  async request(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<RegistryAnswer> {
    const { attempts = DEFAULT_ATTEMPTS, retryMs = DEFAULT_RETRY_MS, signal } = this.#config
    let last: unknown
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (attempt > 1) await pause(backoffStepMs(attempt - 1, retryMs, Infinity), signal)
      if (signal?.aborted === true) break
      try {
        return await this.#attempt(method, path, body)
      } catch (error) {
        if (error instanceof RegistryRefusedError) throw error
        last = error
      }
    }
    throw new RegistryUnreachableError(`schema registry ${this.address} did not answer ${method} ${path}: ${causeOf(last)}`, {
      cause: last,
      details: { registry: this.address, path },
    })
  }

  async #attempt(method: string, path: string, body: unknown): Promise<RegistryAnswer> {
    const timed = timedSignal(this.#config.timeoutMs ?? DEFAULT_TIMEOUT_MS, this.#config.signal)
    try {
      const response = await fetch(`${this.#root}${path}`, {
        method,
        headers: this.#headers,
        signal: timed.signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return this.#answerOf(response.status, await readBody(response.body, MAX_ANSWER_BYTES), `${method} ${path}`)
    } finally {
      timed.release()
    }
  }

  #answerOf(status: number, text: string, call: string): RegistryAnswer {
    if (status === 401 || status === 403) {
      throw new RegistryRefusedError(`schema registry ${this.address} refused ${call} with status ${String(status)}: see its credentials`)
    }
    if (status >= 500 || status === 429) throw new Error(`status ${String(status)}`)
    return { status, body: parseJson(text) }
  }
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? null : (JSON.parse(text) as unknown)
  } catch {
    throw new Error('its answer is not JSON')
  }
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}

/** fetch reports the reason of a failure in the cause of its error. */
function causeOf(error: unknown): string {
  if (error instanceof Error && error.cause instanceof Error) return messageOf(error.cause)
  return messageOf(error ?? 'it was stopped')
}

// How a schema registry fails. Messages name the server and the requested path, never credentials.
/** The registry can't be reached, or can't answer at the moment. */
export class RegistryUnreachableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REGISTRY_UNREACHABLE'
  static override readonly isRetryable = true
}

/** The registry refused: credentials, permissions, or a request that it does not accept. */
export class RegistryRefusedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REGISTRY_REFUSED'
  static override readonly isUserMistake = true
}

/** The registry holds versions that the schema is not compatible with. */
export class SchemaIncompatibleError extends EunomiaError {
  static override readonly code = 'EUNOMIA_SCHEMA_INCOMPATIBLE'
  static override readonly isUserMistake = true
}
