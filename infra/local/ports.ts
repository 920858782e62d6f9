// Chooses loopback ports for local services.
import { randomInt } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { PortInUseError, StackFailedError } from '../process/errors.js'

// Below the local ports of outgoing connections (net.ipv4.ip_local_port_range, from 32768 by default), which could occupy the port of a service
// while it restarts.
const LOWEST_PORT = 20_000
const PORTS_END = 32_000
const ATTEMPTS = 200
const MOST_GIVEN = (PORTS_END - LOWEST_PORT) / 2

/** Ports that were given: one that is not listened to yet is not given again. Half of all, then from the beginning. */
const given = new Set<number>()

/** A free port on 127.0.0.1, another one at each call of this process. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST_PORT, PORTS_END)
    if (given.has(port) || !(await isPortFree(port))) continue
    if (given.size >= MOST_GIVEN) given.clear()
    given.add(port)
    return port
  }
  throw new StackFailedError(`no free port found between ${String(LOWEST_PORT)} and ${String(PORTS_END)}`)
}

async function requireFreePort(port: number, purpose: string): Promise<void> {
  if (await isPortFree(port)) return
  throw new PortInUseError(
    `port ${String(port)} (${purpose}) is in use on 127.0.0.1: stop the process that listens there, or choose another port`,
    {
      details: { port, purpose },
    },
  )
}

/** True if a service can listen on this loopback port now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/**
 * A port of its own for each purpose: the requested one; otherwise that of the previous run if it is free; otherwise a free one.
 * @throws PortInUseError if a requested port is in use
 */
export async function choosePorts(
  purposes: readonly string[],
  requested: Readonly<Record<string, number | undefined>>,
  remembered: Readonly<Record<string, number>> | undefined,
): Promise<Record<string, number>> {
  const ports: Record<string, number> = {}
  for (const purpose of purposes) {
    const port = requested[purpose]
    if (port === undefined) continue
    await requireFreePort(port, purpose)
    ports[purpose] = port
  }
  for (const purpose of purposes) {
    const isOurs = (port: number): boolean => Object.values(ports).includes(port)
    const previous = remembered?.[purpose]
    if (previous !== undefined && !isOurs(previous) && (await isPortFree(previous))) ports[purpose] ??= previous
    while (ports[purpose] === undefined) {
      const port = await freePort()
      if (!isOurs(port)) ports[purpose] = port
    }
  }
  return ports
}

const ANSWER_TIMEOUT_MS = 1_000

/** Sends `request` to a loopback port. @returns the first bytes of the answer; undefined for none */
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
