// Receivers that fail as a test wants: a webhook and a search engine over the same HTTP server. They keep what they took, and count repeats.
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readBody } from '../../../infra/waiting/http-body.js'

/** How they fail: refuse for now, ask for a pause, never answer, cut the connection, take only a part. */
export const RECEIVER_FAULTS = ['unavailable', 'too-many', 'hang', 'cut', 'cut-after', 'partly'] as const
export type ReceiverFault = (typeof RECEIVER_FAULTS)[number]

export class FaultyReceivers {
  /** Ids that the webhook took, and how often. */
  readonly webhook = new Map<string, number>()
  /** Requests whose `webhook-id` is not the id in the body. */
  wrongIds = 0
  /** Documents of the search engine. */
  readonly documents = new Set<string>()
  readonly #server: Server
  readonly #hanging = new Set<ServerResponse>()
  #fault: ReceiverFault | null = null
  #left = 0

  constructor() {
    this.#server = createServer((request, response) => {
      void readBody(request, 64 << 20)
        .then((body) => this.#handle(request.url ?? '', String(request.headers['webhook-id']), body, response))
        .catch(() => request.socket.destroy())
    })
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** The next requests fail. */
  fail(fault: ReceiverFault, requests: number): void {
    this.#fault = fault
    this.#left = requests
  }

  /** All is well from now on. */
  recover(): void {
    this.#fault = null
    for (const response of this.#hanging) response.destroy()
    this.#hanging.clear()
  }

  #handle(path: string, webhookId: string, body: string, response: ServerResponse): void {
    const fault = this.#fault
    if (fault !== null && --this.#left <= 0) this.#fault = null
    if (fault === 'unavailable') return void response.writeHead(503).end()
    if (fault === 'too-many') return void response.writeHead(429, { 'retry-after': '0' }).end()
    if (fault === 'cut') return void response.destroy()
    if (fault === 'hang') return void this.#hanging.add(response)
    const answer = path.endsWith('/_bulk') || path.includes('/_bulk?') ? this.#index(body, fault === 'partly') : this.#take(webhookId, body)
    if (fault === 'cut-after') return void response.destroy()
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  #take(webhookId: string, body: string): object {
    const { alertId } = JSON.parse(body) as { alertId: string }
    if (alertId !== webhookId) this.wrongIds++
    this.webhook.set(alertId, (this.webhook.get(alertId) ?? 0) + 1)
    return {}
  }

  /** As `_bulk` does. @param isPart every second item is too much for it */
  #index(body: string, isPart: boolean): object {
    const ids = [...body.matchAll(/^\{"create":\{"_id":"([^"]+)"\}\}$/gm)].map(([, id = '']) => id)
    const items = ids.map((id, index) => {
      if (isPart && index % 2 === 1)
        return { create: { _id: id, status: 429, error: { type: 'es_rejected_execution_exception', reason: 'full' } } }
      if (this.documents.has(id)) return { create: { _id: id, status: 409 } }
      this.documents.add(id)
      return { create: { _id: id, status: 201 } }
    })
    return { errors: isPart, items }
  }
}
