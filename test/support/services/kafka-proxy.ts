// A loopback proxy before a broker. It reads the frames, so it can cut a connection in the middle of an answer, or delay a request, at the
// moment that a test needs.
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What happens to one request. */
export type RequestRule = (apiKey: number) => 'forward' | 'swallow' | Promise<unknown>

export class KafkaProxy {
  /** Called with each request before it is forwarded. A promise delays it and everything after it on the connection. */
  onRequest: RequestRule = () => 'forward'
  /** Answers cut so far. */
  cuts = 0
  readonly #targetPort: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #cutRule: { apiKey: number; bytes: number } | undefined

  constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer((client) => this.#accept(client))
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
  }

  /** Cuts the connection of the next answer of this API after its first `bytes` bytes. With 0, the request arrived and the answer is lost. */
  cutNextAnswer(apiKey: number, bytes: number): void {
    this.#cutRule = { apiKey, bytes }
  }

  /** Ends every connection and the proxy. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(client: Socket): void {
    const broker = connect(this.#targetPort, '127.0.0.1')
    const apiKeys = new Map<number, number>()
    const end = (): void => {
      client.destroy()
      broker.destroy()
    }
    for (const socket of [client, broker]) {
      this.#sockets.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        end()
      })
    }
    let passing: Promise<unknown> = Promise.resolve()
    onFrames(client, (frame) => {
      const apiKey = frame.readInt16BE(4)
      apiKeys.set(frame.readInt32BE(8), apiKey)
      passing = passing.then(async () => {
        const decision = this.onRequest(apiKey)
        if (decision === 'swallow') return
        if (decision !== 'forward') await decision
        broker.write(frame)
      })
    })
    onFrames(broker, (frame) => {
      const correlationId = frame.readInt32BE(4)
      const rule = this.#cutRule
      if (rule !== undefined && apiKeys.get(correlationId) === rule.apiKey) {
        this.#cutRule = undefined
        this.cuts++
        client.end(frame.subarray(0, Math.min(rule.bytes, frame.length - 1)))
        broker.destroy()
        return
      }
      apiKeys.delete(correlationId)
      client.write(frame)
    })
  }
}

/** Calls `take` for each whole frame (size and content) of a stream. */
function onFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0)
      take(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
  })
}
