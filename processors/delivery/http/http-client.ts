// The one HTTP client of all sinks, the only file that imports undici. It follows no redirect, bounds time and answer, refuses addresses of the
// own network, and says in its errors only which host it is about: URLs may hold secrets.
import { Agent, buildConnector, type Dispatcher, ProxyAgent, request } from 'undici'
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { EunomiaError } from '../../../infra/process/errors.js'
import { printable } from '../../../infra/text/printable.js'
import { BodyTooLongError, readBody } from '../../../infra/waiting/http-body.js'
import { timedSignal } from '../../../infra/waiting/signals.js'
import { TLS_SETTINGS, type TlsFiles, tlsFilesOf, tlsMistakesOf } from '../credentials/tls.js'
import { isRefusedLiteral, publicLookup, refusal } from './address-guard.js'

/** Of a request, by default. */
export const TIMEOUT_MS = 30_000
const MAX_ANSWER_BYTES = 64 * 1024
const CONNECTIONS = 16
const IDLE_MS = 30_000

/** Of a setting that is an address, which may hold a password. */
export const ADDRESS = { maxLength: 2_048, concealed: 'an address of http or https, of at most 2,048 characters' }

/** Settings that all HTTP sinks have. */
export const HTTP_SETTINGS = {
  url: Type.String({ ...ADDRESS, description: 'Address of the receiver.' }),
  timeoutMs: Type.Optional(
    Type.Integer({
      minimum: 100,
      maximum: 600_000,
      default: TIMEOUT_MS,
      description: 'Longest time of a request with its answer, milliseconds.',
    }),
  ),
  tls: Type.Optional(TLS_SETTINGS),
  proxy: Type.Optional(
    Type.String({
      ...ADDRESS,
      pattern: '^https?://[^\\s]+$',
      description: 'HTTP proxy. It resolves names, so that addresses behind it are not checked.',
    }),
  ),
  allowPrivate: Type.Optional(
    Type.Boolean({ default: false, description: 'The receiver may have a private, loopback or link-local address.' }),
  ),
}

/** Settings of the client. */
export type HttpSettings = Shaped<ReturnType<typeof Type.Object<typeof HTTP_SETTINGS>>>

/** What the settings have wrong. */
export function httpMistakesOf({ url, tls, proxy, allowPrivate }: HttpSettings): string[] {
  const mistakes = [...tlsMistakesOf(tls)]
  for (const [name, text] of [['url', url] as const, ['proxy', proxy] as const]) {
    // Not by a pattern of the settings: its message would show the address, which may hold a secret.
    if (text !== undefined && !(/^https?:/i.test(text) && URL.canParse(text))) mistakes.push(`${name} must be an address of http or https`)
  }
  if (mistakes.length > 0) return mistakes
  const { username, password, hostname } = new URL(url)
  if (username !== '' || password !== '') mistakes.push('url must not hold a user or password: use the settings for them')
  if (allowPrivate !== true && isRefusedLiteral(hostname)) mistakes.push(refusal(hostname).message)
  return mistakes
}

/** A request. */
export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT'
  /** Below the address of the receiver, with its leading slash; default: the address itself. */
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Longest answer, bytes. Default 65,536. */
  readonly maxAnswerBytes?: number
}

/** An answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number
  readonly body: string
  /** The receiver asks for a pause, milliseconds. */
  readonly afterMs?: number
}

/** The receiver did not answer, or must not be connected to. */
export class ReceiverUnreachableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RECEIVER_UNREACHABLE'
  static override readonly isRetryable = true
}

/** Requests to one receiver, over a few connections that stay open. */
export class HttpClient {
  readonly #url: URL
  readonly #timeoutMs: number
  readonly #isPrivateAllowed: boolean
  readonly #dispatcher: Dispatcher

  /** @throws UsageError for a file of TLS that can't be read */
  constructor(settings: HttpSettings) {
    this.#url = new URL(settings.url)
    this.#timeoutMs = settings.timeoutMs ?? TIMEOUT_MS
    this.#isPrivateAllowed = settings.allowPrivate ?? false
    this.#dispatcher = dispatcherOf(settings, tlsFilesOf(settings.tls), this.#timeoutMs)
  }

  /** Sends a request. @throws ReceiverUnreachableError */
  async send(
    { method = 'POST', path, headers = {}, body, maxAnswerBytes = MAX_ANSWER_BYTES }: HttpRequest,
    signal?: AbortSignal,
  ): Promise<HttpAnswer> {
    if (!this.#isPrivateAllowed && isRefusedLiteral(this.#url.hostname)) throw this.#failure(refusal(this.#url.hostname))
    const bound = timedSignal(this.#timeoutMs, signal)
    try {
      const answer = await request(path === undefined ? this.#url : urlBelow(this.#url, path), {
        method,
        headers: { 'user-agent': 'eunomia', ...headers },
        body: body ?? null,
        signal: bound.signal,
        dispatcher: this.#dispatcher,
      })
      const afterMs = retryAfterMs(headerOf(answer.headers['retry-after']), Date.now())
      const text = await readAnswer(answer.body, maxAnswerBytes)
      return { status: answer.statusCode, body: text, ...(afterMs === undefined ? {} : { afterMs }) }
    } catch (error) {
      throw this.#failure(error)
    } finally {
      bound.release()
    }
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy()
  }

  #failure(error: unknown): ReceiverUnreachableError {
    const host = printable(this.#url.host)
    return new ReceiverUnreachableError(`${host} can't be reached: ${printable(causeOf(error))}`, { details: { host } })
  }
}

function dispatcherOf({ proxy, allowPrivate = false }: HttpSettings, tls: TlsFiles, timeoutMs: number): Dispatcher {
  const bounds = { connections: CONNECTIONS, keepAliveTimeout: IDLE_MS, headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
  if (proxy !== undefined) return new ProxyAgent({ ...bounds, uri: proxy, requestTls: { ...tls, timeout: timeoutMs } })
  const guarded = allowPrivate ? {} : { lookup: publicLookup() }
  return new Agent({ ...bounds, connect: buildConnector({ ...tls, ...guarded, timeout: timeoutMs }) })
}

function urlBelow(url: URL, path: string): URL {
  const below = new URL(url)
  const [pathname = '', query] = path.split('?')
  below.pathname = `${url.pathname.replace(/\/$/, '')}${pathname}`
  below.search = query === undefined ? url.search : `?${query}`
  return below
}

/** An answer that is too long is none: what was sent may be delivered all the same, as its status says. */
async function readAnswer(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  try {
    return await readBody(body, maxBytes)
  } catch (error) {
    if (error instanceof BodyTooLongError) return `(longer than ${String(maxBytes)} bytes)`
    throw error
  }
}

const MAX_PAUSE_MS = 3_600_000

/** The pause of a Retry-After header in milliseconds, at most an hour: seconds, or a date. */
export function retryAfterMs(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return Number.isNaN(ms) ? undefined : Math.min(MAX_PAUSE_MS, Math.max(0, ms))
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

/** The innermost reason, without the URL that some errors name. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0])
  return error.cause instanceof Error ? causeOf(error.cause) : error.message
}
