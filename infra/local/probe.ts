// Asks a local service over its own port whether it serves: one request, one answer, then the connection is closed.
import { connect } from 'node:net'

const ANSWER_TIMEOUT_MS = 1_000

/** Sends `request` to a loopback port and gives the first bytes of the answer, or undefined when there is none. */
export async function askPort(port: number, request: Uint8Array): Promise<Buffer | undefined> {
  return await new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const settle = (answer: Buffer | undefined): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => settle(undefined))
    socket.once('connect', () => socket.write(request))
    socket.once('data', settle)
    socket.once('error', () => settle(undefined))
    socket.once('close', () => settle(undefined))
  })
}
