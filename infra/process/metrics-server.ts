// Serves GET /metrics for Prometheus, and nothing else.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { boundConnections, showConnections, type ConnectionLimits } from './connection-bound.js'
import { PortInUseError } from './errors.js'
import type { Part } from './lifecycle.js'
import type { Metrics } from './metrics.js'

/** Address of the server. */
export interface MetricsServerConfig {
  /** Default 127.0.0.1, so that nothing leaves the host. */
  readonly host?: string
  /** 0 takes a free one. */
  readonly port: number
}

/** A running server. */
export interface MetricsServer extends Part {
  /** The port that it listens on. */
  readonly port: number
}

const LIMITS: ConnectionLimits = { maxConnections: 32, maxOfPeer: 16, idleMs: 5_000 }
/** How often Node looks for requests that take too long. */
const CHECK_MS = 1_000

/** @throws PortInUseError (EUNOMIA_PORT_IN_USE) if another process listens there */
export async function startMetricsServer(config: MetricsServerConfig, metrics: Metrics): Promise<MetricsServer> {
  const host = config.host ?? '127.0.0.1'
  const server = createServer({ connectionsCheckingInterval: CHECK_MS }, (request, response) => void answer(request, response, metrics))
  const connections = boundConnections(server, LIMITS)
  await listen(server, host, config.port)
  showConnections(connections, 'metrics', metrics)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  // A failed accept (no descriptor is left) must not stop the process: the scrape fails.
  server.on('error', () => undefined)
  const done = new Promise<void>((resolve) => void server.once('close', resolve))
  return {
    port,
    done,
    stop: () => {
      server.close()
      server.closeAllConnections()
      return done
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, metrics: Metrics): Promise<void> {
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405)
    if (request.url?.split('?', 1)[0] !== '/metrics') return end(response, 404)
    const text = await metrics.text()
    response.writeHead(200, { 'content-type': metrics.contentType })
    response.end(request.method === 'HEAD' ? undefined : text)
  } catch {
    // A sampled gauge failed: the scrape fails visibly, the process continues.
    end(response, 500)
  }
}

function end(response: ServerResponse, status: number): void {
  if (response.headersSent) response.destroy()
  else response.writeHead(status).end()
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      reject(
        new PortInUseError(`port ${String(port)} on ${host} is in use: choose another one for the metrics`, {
          cause: error,
          details: { host, port },
        }),
      )
    })
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}
