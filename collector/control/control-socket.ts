// Where the control API listens: a unix socket that only its owner opens, or TCP with TLS. Knows nothing of what is asked.
import { chmod, rm } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { EunomiaError, PortInUseError } from '../../infra/process/errors.js'

/** Another collector answers at the socket, or it can't be made there. */
export class ControlSocketError extends EunomiaError {
  static override readonly code = 'EUNOMIA_CONTROL_SOCKET'
}

/** sun_path of unix(7), without its terminating NUL. */
const MAX_PATH_BYTES = 107

/**
 * Listens at a path. A socket that a killed collector left is removed; one at which somebody answers is left alone.
 * @throws ControlSocketError
 */
export async function listenAtPath(server: Server, path: string): Promise<void> {
  // Node cuts a longer path without a word.
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw cantListen(path, `it is longer than ${String(MAX_PATH_BYTES)} bytes`)
  if (await isAnswered(path)) throw cantListen(path, 'another collector answers there')
  try {
    await rm(path, { force: true })
    // The socket is made within this call: nobody else can open it before its mode is set.
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
export async function listenAtPort(server: Server, host: string, port: number): Promise<void> {
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
  return new ControlSocketError(`the control socket ${path} can't be made: ${why} (setting collector.control.socket)`, {
    cause,
    details: { path },
  })
}

function listen(server: Server, begin: () => void): Promise<void> {
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
