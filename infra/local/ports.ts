// Loopback ports for local services: free ones by default, or the requested ones.
import { randomInt } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { PortInUseError, StackFailedError } from '../process/errors.js'

// Below the range from which the kernel takes the local ports of outgoing connections (net.ipv4.ip_local_port_range, 32768 by default):
// a service that is restarted on its port must not find a client's connection there.
const LOWEST_PORT = 20_000
const PORTS_END = 32_000
const ATTEMPTS = 200

/** A port on 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST_PORT, PORTS_END)
    if (await isPortFree(port)) return port
  }
  throw new StackFailedError(`no free port found between ${String(LOWEST_PORT)} and ${String(PORTS_END)}`)
}

/**
 * Checks a requested port.
 * @throws PortInUseError naming the port and what it was for
 */
export async function requireFreePort(port: number, purpose: string): Promise<void> {
  if (await isPortFree(port)) return
  throw new PortInUseError(`port ${String(port)} (${purpose}) is in use on 127.0.0.1: stop what listens there, or choose another port`, {
    details: { port, purpose },
  })
}

/** True when a service could listen on this loopback port now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/**
 * Ports for each purpose: the requested one, else that of the previous run while it is free, else a free one.
 * @throws PortInUseError when a requested port is taken
 */
export async function choosePorts(
  purposes: readonly string[],
  wanted: Readonly<Record<string, number | undefined>>,
  remembered: Readonly<Record<string, number>> | undefined,
): Promise<Record<string, number>> {
  const ports: Record<string, number> = {}
  for (const purpose of purposes) {
    const asked = wanted[purpose]
    const before = remembered?.[purpose]
    if (asked !== undefined) await requireFreePort(asked, purpose)
    ports[purpose] = asked ?? (before !== undefined && (await isPortFree(before)) ? before : await freePort())
  }
  return ports
}

const ANSWER_TIMEOUT_MS = 1_000

/** Sends `request` to a loopback port and returns the first bytes of the answer, or undefined when there is none. */
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
