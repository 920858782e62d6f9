// A socket of Docker or podman whose answers a test scripts: an HTTP server on a unix socket in a temp folder. For answers that a real daemon
// never sends.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Answers one request; false for an unknown one (404). */
export type Script = (request: IncomingMessage, response: ServerResponse) => boolean

/** The server. */
export class ScriptedHttpRuntime {
  readonly folder = mkdtempSync(join(tmpdir(), 'eunomia-scripted-'))
  readonly socketPath = join(this.folder, 'runtime.sock')
  /** Requested paths, in order. */
  readonly asked: string[] = []
  /** Open event streams. */
  readonly streams: ServerResponse[] = []
  script: Script = () => false
  private server: Server | null = null

  /** Listens. May be called again after `stop`. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      const url = request.url ?? ''
      this.asked.push(url)
      if (this.script(request, response)) return
      if (/^(?:\/v4\.0\.0\/libpod)?\/events/.test(url)) {
        this.streams.push(response)
        response.writeHead(200)
        response.flushHeaders()
      } else {
        response.writeHead(404)
        response.end('{"message":"no such container"}')
      }
    })
    this.server = server
    await new Promise<void>((resolve) => server.listen(this.socketPath, resolve))
  }

  /** Sets the answer of `path` to a JSON document; other answers stay. */
  answer(path: string, body: unknown): void {
    const before = this.script
    this.script = (request, response) => {
      if (request.url !== path) return before(request, response)
      response.writeHead(200)
      response.end(JSON.stringify(body))
      return true
    }
  }

  /** Ends the server with all connections, as a killed daemon does. */
  async stop(): Promise<void> {
    const server = this.server
    this.server = null
    this.streams.length = 0
    if (server === null) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  /** Ends it and removes its folder. */
  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
