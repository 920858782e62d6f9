// HTTP over the unix socket of Docker or podman: GETs and event streams with bounds on size and time. Does not know the content.
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http'
import { messageOf } from '../../../infra/process/errors.js'
import { readBody } from '../../../infra/waiting/http-body.js'
import { timedSignal } from '../../../infra/waiting/signals.js'
import { isAbsence, RuntimeUnreachableError, type RuntimeEvent, type RuntimeEvents } from '../runtime.js'
import { type FollowConfig, type ConnectionReport, followReported } from './event-stream.js'
import { asObject, listAt, textAt, type JsonObject } from '../facts/json-fields.js'

/** Settings of the client. */
interface RuntimeHttpConfig {
  /** Name of the runtime in messages. */
  readonly title: string
  readonly socketPath: string
  /** Longest wait for an answer including its body; default 10,000. A daemon under load takes seconds to inspect. */
  readonly timeoutMs: number
  /** Longest body, bytes; default 16 MiB. Labels may take megabytes. */
  readonly maxAnswerBytes: number
}

/** The client. Connections are reused, at most `connections` at a time. */
export class RuntimeHttp {
  readonly #config: RuntimeHttpConfig
  readonly #agent: Agent

  constructor(config: RuntimeHttpConfig, connections: number) {
    this.#config = config
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  /**
   * Gets a JSON document; undefined for status 404.
   * @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE) on a timeout, another status, an answer that is too long, or invalid JSON
   */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    const bounded = timedSignal(this.#config.timeoutMs, signal)
    try {
      const response = await this.#send(path, bounded.signal, this.#agent)
      const body = await readBody(response, this.#config.maxAnswerBytes)
      if (response.statusCode === 404) return undefined
      if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
      return JSON.parse(body) as unknown
    } catch (error) {
      throw this.#unreachable(path, bounded.signal.aborted ? bounded.signal.reason : error)
    } finally {
      bounded.release()
    }
  }

  /**
   * Opens a stream of JSON lines; the caller reads the response, and may leave it open indefinitely.
   * @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE) when it does not open in time
   */
  async stream(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const opening = timedSignal(this.#config.timeoutMs, signal)
    try {
      // No agent: the stream must not take a connection from the calls.
      const response = await this.#send(path, opening.signal, undefined)
      if (response.statusCode !== 200) {
        response.destroy()
        throw new Error(`status ${response.statusCode}`)
      }
      const end = (): void => void response.destroy()
      signal.addEventListener('abort', end)
      response.once('close', () => signal.removeEventListener('abort', end))
      return response
    } catch (error) {
      throw this.#unreachable(path, opening.signal.aborted ? opening.signal.reason : error)
    } finally {
      opening.release()
    }
  }

  /** Closes all connections. */
  close(): void {
    this.#agent.destroy()
  }

  #send(path: string, signal: AbortSignal, agent: Agent | undefined): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const options = { socketPath: this.#config.socketPath, path, signal, headers: { host: 'runtime' } }
      const call: ClientRequest = request({ ...options, ...(agent === undefined ? { agent: false as const } : { agent }) }, resolve)
      call.on('error', reject)
      call.end()
    })
  }

  #unreachable(path: string, cause: unknown): RuntimeUnreachableError {
    const { title, socketPath } = this.#config
    return new RuntimeUnreachableError(`${title} does not answer at ${socketPath}: ${messageOf(cause)}`, {
      cause,
      // Without the query: it is ours, long, and says nothing about the outage.
      details: { socketPath, path: path.split('?', 1)[0] ?? path, isAbsent: isAbsence(cause) },
    })
  }
}

/** Settings of the client. */
export interface HttpRuntimeConfig extends Omit<RuntimeHttpConfig, 'title'>, FollowConfig {
  /** Longest line of the event stream, bytes; default 1 MiB. A longer one is skipped and counted. */
  readonly maxLineBytes: number
  /** Calls at a time; default 8. */
  readonly connections: number
  /** Most containers read from one list; default 65,536. More are counted. */
  readonly maxListed: number
}

/** Defaults of {@link HttpRuntimeConfig}, except the socket. */
export const HTTP_DEFAULTS: Omit<HttpRuntimeConfig, 'socketPath'> = {
  timeoutMs: 10_000,
  maxAnswerBytes: 16 << 20,
  minBackoffMs: 100,
  maxBackoffMs: 2000,
  maxLineBytes: 1 << 20,
  connections: 8,
  maxListed: 65_536,
}

/** Ids of the list, at most `maxListed`, and the number of entries left out. Anything but a full id is skipped. */
export function listedIds(answer: unknown, maxListed: number): { readonly ids: readonly string[]; readonly cut: number } {
  const ids: string[] = []
  for (const entry of listAt({ answer }, 'answer', maxListed)) {
    const id = textAt(asObject(entry) ?? {}, 'Id', 128)
    if (/^[0-9a-f]{64}$/.test(id)) ids.push(id)
  }
  return { ids, cut: Array.isArray(answer) ? Math.max(0, answer.length - maxListed) : 0 }
}

/**
 * Yields the objects of the lines, in their order.
 * @param maxLineBytes a longer line is skipped
 * @param onBadLine called for each line that is invalid JSON or too long
 */
async function* jsonLines(
  stream: AsyncIterable<Buffer>,
  maxLineBytes: number,
  onBadLine: () => void,
): AsyncGenerator<JsonObject, void, undefined> {
  let pieces: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      length += end - start
      const line =
        length <= maxLineBytes
          ? Buffer.concat([...pieces, chunk.subarray(start, end)])
              .toString('utf8')
              .trim()
          : null
      const parsed = line === null ? undefined : line === '' ? null : parse(line)
      if (parsed === undefined) onBadLine()
      else if (parsed !== null) yield parsed
      pieces = []
      length = 0
      start = end + 1
    }
    length += chunk.length - start
    if (length <= maxLineBytes) pieces.push(chunk.subarray(start))
    else pieces = []
  }
}

/** Null for JSON that is not an object, undefined for invalid JSON. */
function parse(line: string): JsonObject | null | undefined {
  try {
    return asObject(JSON.parse(line))
  } catch {
    return undefined
  }
}

/** The stream to follow, and the receivers of its events. */
interface HttpEventsOptions {
  readonly path: string
  /** Returns the events of one line, often none. The next line waits for it, so that the order is preserved. */
  readonly parse: (event: JsonObject, signal: AbortSignal) => readonly RuntimeEvent[] | Promise<readonly RuntimeEvent[]>
  readonly report: ConnectionReport
  readonly counters: { badEventLines: number; disconnects: number }
  readonly listener: (event: RuntimeEvent) => void
}

/** Follows the stream until `stop`. */
export function followHttpEvents(api: RuntimeHttp, config: HttpRuntimeConfig, options: HttpEventsOptions): RuntimeEvents {
  const { path, parse, report, counters, listener } = options
  return followReported(config, { report, counters, listener }, async (opened, signal) => {
    const stream = await api.stream(path, signal)
    opened()
    for await (const line of jsonLines(stream, config.maxLineBytes, () => counters.badEventLines++)) {
      for (const event of await parse(line, signal)) listener(event)
    }
  })
}
