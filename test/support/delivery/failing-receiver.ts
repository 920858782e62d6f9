// A receiver of webhooks on this machine that fails in many ways.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Alert } from '../../../schemas/generated/types.js'

/** Counts what it takes by the number that is the alert's id. */
export class FailingReceiver {
  /** Numbers of the alerts that it took. */
  readonly taken = new Set<number>()
  requests = 0
  /** Requests that it failed. */
  failed = 0
  /** Alerts that it took again. */
  repeated = 0
  /** It takes everything. */
  isRepaired = false
  readonly #server: Server
  readonly #isRefused: (index: number) => boolean

  private constructor(isRefused: (index: number) => boolean) {
    this.#isRefused = isRefused
    this.#server = createServer((request, response) => {
      let body = ''
      request.on('data', (data: Buffer) => (body += data.toString()))
      request.on('end', () => this.#answer(body, String(request.headers['webhook-id']), response))
    })
  }

  /** @param isRefused alerts that it refuses for good */
  static async open(isRefused: (index: number) => boolean): Promise<FailingReceiver> {
    const receiver = new FailingReceiver(isRefused)
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  /** Settings of a sink for it. */
  get sink(): string[] {
    const { port } = this.#server.address() as AddressInfo
    return [
      ...['kind: webhook', `url: http://127.0.0.1:${String(port)}/hook`, 'allowPrivate: true', 'format: json'],
      ...['timeoutMs: 1000', 'backoff: {firstMs: 50, maxMs: 500}', 'maxLag: 500'],
    ]
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #answer(body: string, id: string, response: ServerResponse): void {
    const request = this.isRepaired ? 0 : ++this.requests
    const fails = (every: number): boolean => request > 0 && request % every === 0
    if ([97, 89, 211, 101].some(fails)) this.failed++
    if (fails(97)) return void response.writeHead(503, { 'retry-after': '0' }).end()
    if (fails(89)) return void response.writeHead(429).end('slowly')
    // It never answers.
    if (fails(211)) return
    const { alertId } = JSON.parse(body) as Alert
    assert.equal(id, alertId)
    const index = Number.parseInt(alertId, 16)
    if (this.#isRefused(index) && !this.isRepaired) return void response.writeHead(400).end(`no mapping for ${String(index)}`)
    if (this.taken.has(index)) this.repeated++
    this.taken.add(index)
    // It took the alert, and the answer is lost.
    if (fails(101)) return void response.destroy()
    response.writeHead(204).end()
  }
}
