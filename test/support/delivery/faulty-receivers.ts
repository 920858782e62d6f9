// Receivers that fail as a test wants: a webhook and a search engine over the same HTTP server. They keep what they took, and count repeats. Alerts
// of the webhook are known by the number that is their id.
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readBody } from '../../../infra/waiting/http-body.js'

/** How they fail: refuse for now, ask for a pause, never answer, cut the connection, take only a part. */
export const RECEIVER_FAULTS = ['unavailable', 'too-many', 'hang', 'cut', 'cut-after', 'partly'] as const
export type ReceiverFault = (typeof RECEIVER_FAULTS)[number]

export class FaultyReceivers {
  /** Alerts that the webhook took, and how often. */
  readonly webhook = new Map<number, number>()
  /** Requests whose `webhook-id` is not the id in the body. */
  wrongIds = 0
  /** Documents of the search engine. */
  readonly documents = new Set<string>()
  /** Requests. */
  requests = 0
  /** Requests that failed, or were taken in part. */
  failed = 0
  /** Alerts that the webhook refuses for good. */
  isRefused: (index: number) => boolean = () => false
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

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  /** Settings of a sink for each. */
  get sinks(): Readonly<Record<string, readonly string[]>> {
    const url = `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`
    const common = ['allowPrivate: true', 'timeoutMs: 1000', 'backoff: {firstMs: 20, maxMs: 500}', 'maxLag: 500']
    return {
      hook: ['kind: webhook', 'format: json', `url: ${url}/hook`, ...common],
      search: ['kind: opensearch', 'template: false', `url: ${url}`, ...common],
    }
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
    this.requests++
    if (fault !== null) this.failed++
    if (fault !== null && --this.#left <= 0) this.#fault = null
    if (fault === 'unavailable') return void response.writeHead(503).end()
    if (fault === 'too-many') return void response.writeHead(429, { 'retry-after': '0' }).end()
    if (fault === 'cut') return void response.destroy()
    if (fault === 'hang') return void this.#hanging.add(response)
    const isBulk = path.endsWith('/_bulk') || path.includes('/_bulk?')
    const { status, text } = isBulk ? { status: 200, text: this.#index(body, fault === 'partly') } : this.#take(webhookId, body)
    if (fault === 'cut-after') return void response.destroy()
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }

  #take(webhookId: string, body: string): { status: number; text: string } {
    const { alertId } = JSON.parse(body) as { alertId: string }
    if (alertId !== webhookId) this.wrongIds++
    const index = Number.parseInt(alertId, 16)
    if (this.isRefused(index)) return { status: 400, text: `no mapping for ${String(index)}` }
    this.webhook.set(index, (this.webhook.get(index) ?? 0) + 1)
    return { status: 200, text: '{}' }
  }

  /** As `_bulk` does. @param isPart every second item is too much for it */
  #index(body: string, isPart: boolean): string {
    const ids = [...body.matchAll(/^\{"create":\{"_id":"([^"]+)"\}\}$/gm)].map(([, id = '']) => id)
    const items = ids.map((id, index) => {
      if (isPart && index % 2 === 1)
        return { create: { _id: id, status: 429, error: { type: 'es_rejected_execution_exception', reason: 'full' } } }
      if (this.documents.has(id)) return { create: { _id: id, status: 409 } }
      this.documents.add(id)
      return { create: { _id: id, status: 201 } }
    })
    return JSON.stringify({ errors: isPart, items })
  }
}
