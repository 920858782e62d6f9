// An HTTP receiver that a test scripts: it keeps what it received, and answers as the test has set. With TLS, by the certificates of test-certificates.ts.
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { readBody } from '../../../infra/waiting/http-body.js'

/** A request that came. */
export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** An answer; `hang` never comes, `cut` ends the connection. */
export type ScriptedAnswer =
  { readonly status: number; readonly body?: string | object; readonly headers?: Readonly<Record<string, string>> } | 'hang' | 'cut'

/** The receiver. */
export class ReceiverDouble {
  readonly requests: ReceivedRequest[] = []
  answer: (request: ReceivedRequest) => ScriptedAnswer | Promise<ScriptedAnswer> = () => ({ status: 200, body: {} })
  readonly #server: Server
  readonly #isTls: boolean

  constructor(tls?: ServerOptions) {
    const listener: RequestListener = (request, response) => {
      void (async () => {
        const { method = '', url = '', headers } = request
        const received = { method, path: url, headers, body: await readBody(request, 64 << 20) }
        this.requests.push(received)
        const answer = await this.answer(received)
        if (answer === 'hang') return
        if (answer === 'cut') return void request.socket.destroy()
        const { status, body = '' } = answer
        response.writeHead(status, answer.headers).end(typeof body === 'string' ? body : JSON.stringify(body))
      })().catch(() => request.socket.destroy())
    }
    this.#isTls = tls !== undefined
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  }

  /** Listens on a free loopback port. @returns the address */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this.url
  }

  get url(): string {
    return `${this.#isTls ? 'https' : 'http'}://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
