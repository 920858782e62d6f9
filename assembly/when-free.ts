// A server whose port another process has: the host is watched without it, and it starts once the port is free. Any user can take a port, which must
// not keep the collector from starting.
import { PortInUseError } from '../infra/process/errors.js'
import type { Part, Lifecycle } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'

const RETRY_MS = 5_000

/** Starts the server, or tries again until it does. @returns the server; null while its port is not free */
export async function startWhenFree<Server extends Part>(
  name: string,
  start: () => Promise<Server>,
  { log, lifecycle, retryMs = RETRY_MS }: { readonly log: Logger; readonly lifecycle: Lifecycle; readonly retryMs?: number },
): Promise<Server | null> {
  try {
    return await lifecycle.start(name, start)
  } catch (error) {
    if (!(error instanceof PortInUseError)) throw error
    log.error({ err: error, retryMs }, `${name}: another process has the port, so it starts later`)
  }
  let late: Server | null = null
  let attempt: Promise<void> | null = null
  const again = async (): Promise<void> => {
    try {
      late = await start()
      clearInterval(timer)
      log.info({ server: name }, 'the port is free now: listening')
    } catch (error) {
      if (!(error instanceof PortInUseError)) log.error({ err: error, server: name }, 'a server can not be started')
    }
    attempt = null
  }
  const timer = setInterval(() => void (attempt ??= again()), retryMs)
  lifecycle.onStop(name, async (reason) => {
    clearInterval(timer)
    await attempt
    await late?.stop(reason)
  })
  return null
}
