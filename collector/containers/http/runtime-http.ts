// HTTP over the unix socket of Docker or podman, as much of it as is needed: GETs with a bound in size and time. Knows no meaning of what comes.
import { Agent, request } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { messageOf } from '../../../infra/process/errors.js'
import { readBody } from '../../../infra/waiting/http-body.js'
import { timedSignal } from '../../../infra/waiting/signals.js'
import { isAbsence, RuntimeUnreachableError } from '../runtime-errors.js'

/** Settings of the client. */
export interface RuntimeHttpConfig {
  /** The runtime as people name it, for messages. */
  readonly title: string
  readonly socketPath: string
  /** Longest wait for an answer, its body included; default 10,000. A daemon under load takes seconds to inspect. */
  readonly timeoutMs: number
  /** Longest body, bytes; default 16 MiB. Labels may have megabytes. */
  readonly maxAnswerBytes: number
}

/** The client. Connections are kept and reused, at most `connections` at a time. */
export class RuntimeHttp {
  private readonly config: RuntimeHttpConfig
  private readonly agent: Agent

  constructor(config: RuntimeHttpConfig, connections: number) {
    this.config = config
    this.agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  /**
   * Gets a JSON document; undefined when the runtime knows no such thing (404).
   * @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE) when there is no answer in time, another status, too much, or no JSON
   */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    const bounded = timedSignal(this.config.timeoutMs, signal)
    try {
      const response = await this.send(path, bounded.signal, this.agent)
      const body = await readBody(response, this.config.maxAnswerBytes)
      if (response.statusCode === 404) return undefined
      if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
      return JSON.parse(body) as unknown
    } catch (error) {
      throw this.unreachable(path, bounded.signal.aborted ? bounded.signal.reason : error)
    } finally {
      bounded.release()
    }
  }

  /**
   * Opens a stream of JSON lines; the response is to be read by the caller, who may let it stand for ever.
   * @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE) when it does not open in time
   */
  async stream(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const opening = timedSignal(this.config.timeoutMs, signal)
    try {
      // No agent: the stream must not take a connection from the calls.
      const response = await this.send(path, opening.signal, undefined)
      if (response.statusCode !== 200) {
        response.destroy()
        throw new Error(`status ${response.statusCode}`)
      }
      const end = (): void => void response.destroy()
      signal.addEventListener('abort', end)
      response.once('close', () => signal.removeEventListener('abort', end))
      return response
    } catch (error) {
      throw this.unreachable(path, opening.signal.aborted ? opening.signal.reason : error)
    } finally {
      opening.release()
    }
  }

  /** Ends all kept connections. */
  close(): void {
    this.agent.destroy()
  }

  private send(path: string, signal: AbortSignal, agent: Agent | undefined): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const options = { socketPath: this.config.socketPath, path, signal, headers: { host: 'runtime' } }
      const call: ClientRequest = request({ ...options, ...(agent === undefined ? { agent: false as const } : { agent }) }, resolve)
      call.on('error', reject)
      call.end()
    })
  }

  private unreachable(path: string, cause: unknown): RuntimeUnreachableError {
    const { title, socketPath } = this.config
    return new RuntimeUnreachableError(`${title} does not answer at ${socketPath}: ${messageOf(cause)}`, {
      cause,
      // Without the query: it is ours, long, and says nothing about the outage.
      details: { socketPath, path: path.split('?', 1)[0] ?? path, isAbsent: isAbsence(cause) },
    })
  }
}
