// Bounds the connections of a small HTTP server, so that clients that connect and then do nothing can't keep others out: at a bound, the connection
// that has been idle for longest is closed, and the new one is accepted. One that has just begun keeps its place for a second: whoever connects again
// and again ends no handshake of others.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Metrics } from './metrics.js'

/** Bounds of a server. */
export interface ConnectionLimits {
  readonly maxConnections: number
  /** Of one address. */
  readonly maxOfPeer: number
  /** Longest time for TLS and for the headers of a request; the same for an idle connection. Milliseconds. */
  readonly idleMs: number
}

interface Connection {
  readonly socket: Socket
  readonly peer: string
  /** Requests that are being answered. */
  requests: number
  hadRequest: boolean
  readonly sinceMs: number
}

/** What was closed at a bound. */
export interface ConnectionCounters {
  /** Idle connections that gave way to new ones. */
  evicted: number
  /** New connections that found only busy ones, and ones that had just begun. */
  refused: number
}

/** Enough for a TLS handshake and the first request. */
const BEGIN_MS = 1_000

/** Applies the limits to a server; call it before the server listens. @returns counters that grow at the bounds. @param nowMs for tests */
export function boundConnections(server: Server, limits: ConnectionLimits, nowMs = (): number => performance.now()): ConnectionCounters {
  const { maxConnections, maxOfPeer, idleMs } = limits
  const counters: ConnectionCounters = { evicted: 0, refused: 0 }
  const open = new Map<unknown, Connection>()
  const makeRoom = (of: readonly Connection[], max: number): boolean => {
    if (of.length < max) return true
    const idle = of.find(({ requests, hadRequest, sinceMs }) => requests === 0 && (hadRequest || nowMs() - sinceMs >= BEGIN_MS))
    if (idle === undefined) return false
    counters.evicted++
    open.delete(keyOf(idle.socket))
    idle.socket.destroy()
    return true
  }
  server.on('connection', (socket: Socket) => {
    const [key, peer] = [keyOf(socket), socket.remoteAddress ?? '']
    const ofPeer = [...open.values()].filter((connection) => connection.peer === peer)
    // All clients of a unix socket are of one user.
    const isPeerWithin = peer === '' || makeRoom(ofPeer, maxOfPeer)
    if (!isPeerWithin || !makeRoom([...open.values()], maxConnections)) {
      counters.refused++
      return void socket.destroy()
    }
    const connection: Connection = { socket, peer, requests: 0, hadRequest: false, sinceMs: nowMs() }
    open.set(key, connection)
    // Also ends a TLS handshake that does not go on, and whoever sends nothing.
    const timer = setTimeout(() => (connection.hadRequest ? undefined : socket.destroy()), idleMs).unref()
    socket.once('close', () => {
      clearTimeout(timer)
      if (open.get(key)?.socket === socket) open.delete(key)
    })
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = open.get(keyOf(request.socket))
    if (connection === undefined) return
    connection.requests++
    connection.hadRequest = true
    response.once('close', () => connection.requests--)
  })
  server.headersTimeout = server.requestTimeout = server.keepAliveTimeout = idleMs
  return counters
}

/** A TLS socket is another object than the connection that it runs over; their ends are the same. */
function keyOf(socket: Socket): unknown {
  return socket.remotePort === undefined ? socket : `${socket.remoteAddress ?? ''} ${String(socket.remotePort)}`
}

/** Shows the counters of a server. Call it once per name. */
export function showConnections(
  counters: Readonly<ConnectionCounters>,
  name: 'metrics' | 'control' | 'control_tcp',
  metrics: Pick<Metrics, 'sampled'>,
): void {
  metrics.sampled(
    'counter',
    `eunomia_${name}_connections_closed_total`,
    'Connections that the server closed at its bound',
    ['reason'],
    () => [
      [['evicted'], counters.evicted],
      [['refused'], counters.refused],
    ],
  )
}
