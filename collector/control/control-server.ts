// The control API over HTTP, on a unix socket or TCP with TLS: bounds, authorization and errors of requests. The answers come from control-routes.ts.
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { rm, chmod } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Part } from '../../infra/process/lifecycle.js'
import type { Logger } from '../../infra/process/logger.js'
import { ControlRefusal } from './control-answers.js'
import { BodyTooLongError, readBody } from '../../infra/waiting/http-body.js'
import { controlAnswer, type ControlTarget } from './control-routes.js'
import { connect, type Server as NetServer } from 'node:net'
import { boundConnections, type ConnectionCounters, type ConnectionLimits } from '../../infra/process/connection-bound.js'
import { EunomiaError, PortInUseError } from '../../infra/process/errors.js'
import { socketPeer } from '../../native/socket-peer.js'

/** Where to listen. A unix socket is open to its owner; TCP needs the token. */
export type ControlServerConfig =
  | { readonly path: string }
  | {
      readonly host: string
      /** 0 selects a free port. */
      readonly port: number
      readonly token: string
      /** PEM. */
      readonly certificate: string
      readonly key: string
      /** PEM of the authority of clients' certificates, which are required then; null for none. */
      readonly clientAuthority: string | null
    }

/** A running server. */
export interface ControlServer extends Part {
  /** Port that it listens on; null for a unix socket. */
  readonly port: number | null
  /** What was closed at the bounds. */
  readonly connections: Readonly<ConnectionCounters>
}

const LIMITS: ConnectionLimits = { maxConnections: 16, maxOfPeer: 4, idleMs: 5_000 }
/** How often Node looks for requests that take too long. */
const CHECK_MS = 1_000
const MAX_HEADER_BYTES = 8 << 10
/** Enough for the most filters, each a whole container id. The collector blocks while it parses a body. */
const MAX_BODY_BYTES = 512 << 10
const MAX_URL_BYTES = 1 << 10
/** Characters of the subject of a certificate in the record of changes. */
const MAX_SUBJECT = 1024

/** @throws ControlSocketError (EUNOMIA_CONTROL_SOCKET), PortInUseError; errors of OpenSSL for an invalid certificate or key */
export async function startControlServer(config: ControlServerConfig, target: ControlTarget, log: Logger): Promise<ControlServer> {
  const token = 'path' in config ? null : digestOf(config.token)
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => void handle(request, response, token, target, log)
  const bounds = { maxHeaderSize: MAX_HEADER_BYTES, connectionsCheckingInterval: CHECK_MS }
  const server: Server =
    'path' in config
      ? createServer(bounds, onRequest)
      : createTlsServer(
          {
            ...{ ...bounds, cert: config.certificate, key: config.key, minVersion: 'TLSv1.2', handshakeTimeout: LIMITS.idleMs },
            ...(config.clientAuthority === null ? {} : { ca: config.clientAuthority, requestCert: true, rejectUnauthorized: true }),
          },
          onRequest,
        )
  const connections = boundConnections(server, LIMITS)
  server.on('clientError', refuseMalformed)
  await ('path' in config ? listenAtPath(server, config.path) : listenAtPort(server, config.host, config.port))
  const address = server.address()
  // A failed accept (no descriptor is left) must not stop the collector.
  server.on('error', (error) => log.warn({ err: error }, 'the control API could not accept a connection'))
  const done = new Promise<void>((resolve) => void server.once('close', resolve))
  return {
    port: typeof address === 'object' && address !== null ? address.port : null,
    connections,
    done,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await done
      if ('path' in config) await rm(config.path, { force: true })
    },
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  token: Buffer | null,
  target: ControlTarget,
  log: Logger,
): Promise<void> {
  try {
    if (token !== null && !isAuthorized(request, token)) {
      throw new ControlRefusal(401, 'a token is needed: Authorization: Bearer TOKEN', { 'www-authenticate': 'Bearer' })
    }
    const url = request.url ?? ''
    if (url.length > MAX_URL_BYTES) throw new ControlRefusal(414, `a path has at most ${String(MAX_URL_BYTES)} bytes`)
    const body = await sentBody(request)
    const method = request.method ?? ''
    const answer = await controlAnswer(target, method, url.split('?', 1)[0] ?? '', body, callerOf(request, token !== null))
    if (method !== 'GET' && method !== 'HEAD') log.info({ method, request: url }, 'changed by the control API')
    const [text, type] = 'text' in answer ? [answer.text, answer.contentType] : [`${JSON.stringify(answer.body)}\n`, 'application/json']
    send(request, response, answer.status, text, { 'content-type': type })
  } catch (error) {
    if (request.destroyed && !request.complete) return // the client disconnected
    const isRefusal = error instanceof ControlRefusal
    if (!isRefusal) log.error({ err: error }, 'the control API failed to answer')
    const reason = isRefusal ? error.message : 'the collector failed to answer; see its log'
    const headers = { 'content-type': 'application/json', ...(isRefusal ? error.headers : {}) }
    send(request, response, isRefusal ? error.status : 500, `${JSON.stringify({ error: reason })}\n`, headers)
  }
}

/** For the record of changes: who connected, as far as the kernel or TLS proves it. */
function callerOf({ socket }: IncomingMessage, isTcp: boolean): string {
  if (isTcp) {
    const subject = socket instanceof TLSSocket && socket.authorized ? subjectOf(socket) : ''
    return `token from ${socket.remoteAddress ?? 'unknown'}${subject === '' ? '' : `, certificate ${subject}`}`
  }
  const peer = socketPeer(socket)
  return peer === null ? 'control socket' : `control socket, pid ${String(peer.pid)}, uid ${String(peer.uid)}`
}

/** Of the client's certificate, which was checked: `CN=ops,O=Example`. Empty without one. */
function subjectOf(socket: TLSSocket): string {
  return (socket.getPeerX509Certificate()?.subject ?? '').split('\n').join(',').slice(0, MAX_SUBJECT)
}

/** Refuses a request that is not HTTP, or exceeds the bounds of the parser. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const text = `${JSON.stringify({ error: 'the request is malformed, too large or too slow' })}\n`
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${String(text.length)}\r\nconnection: close`
  socket.end(`${head}\r\n\r\n${text}`)
}

function send(request: IncomingMessage, response: ServerResponse, status: number, text: string, headers: Record<string, string>): void {
  if (response.headersSent) return void response.destroy()
  // Do not wait for the rest of a request that was refused before it was read.
  const ending = request.complete ? {} : { connection: 'close' }
  response.writeHead(status, { ...headers, ...ending, 'x-content-type-options': 'nosniff' })
  response.end(request.method === 'HEAD' ? undefined : text)
}

/** Reads the whole body, so that the connection can be reused. @throws ControlRefusal above the bound */
async function sentBody(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge()
  // The request stays open when it is refused: the answer still goes out on its connection.
  return await readBody(request.iterator({ destroyOnReturn: false }), MAX_BODY_BYTES).catch((error: unknown) => {
    throw error instanceof BodyTooLongError ? tooLarge() : error
  })
}

const tooLarge = (): ControlRefusal => new ControlRefusal(413, `a request has at most ${String(MAX_BODY_BYTES)} bytes`)

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Compares digests, so that neither length nor time leaks the token. */
function isAuthorized({ headers }: IncomingMessage, token: Buffer): boolean {
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  return given !== undefined && timingSafeEqual(digestOf(given), token)
}

/** Another collector uses the socket, or it can't be created. */
export class ControlSocketError extends EunomiaError {
  static override readonly code = 'EUNOMIA_CONTROL_SOCKET'
}

/** sun_path of unix(7), without its terminating NUL. */
const MAX_PATH_BYTES = 107

/**
 * Listens at a path. Removes the socket of a killed collector, but not one in use.
 * @throws ControlSocketError
 */
async function listenAtPath(server: NetServer, path: string): Promise<void> {
  // Node truncates a longer path silently.
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw cantListen(path, `it is longer than ${String(MAX_PATH_BYTES)} bytes`)
  if (await isAnswered(path)) throw cantListen(path, 'another collector answers there')
  try {
    await rm(path, { force: true })
    // The socket is created within this call, so nobody can open it before its mode is set.
    const before = process.umask(0o177)
    let listening: Promise<void>
    try {
      listening = listen(server, () => server.listen(path))
    } finally {
      process.umask(before)
    }
    await listening
    await chmod(path, 0o600)
  } catch (error) {
    throw cantListen(path, error instanceof Error ? error.message : String(error), error)
  }
}

/** @throws PortInUseError */
async function listenAtPort(server: NetServer, host: string, port: number): Promise<void> {
  try {
    await listen(server, () => server.listen(port, host))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new PortInUseError(`port ${String(port)} on ${host} is in use: choose another one for the control API`, {
      cause: error,
      details: { host, port },
    })
  }
}

function cantListen(path: string, why: string, cause?: unknown): ControlSocketError {
  return new ControlSocketError(`the control socket ${path} can't be created: ${why} (setting collector.control.socket)`, {
    cause,
    details: { path },
  })
}

function listen(server: NetServer, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    begin()
  })
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path)
  const isConnected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  socket.destroy()
  return isConnected
}
