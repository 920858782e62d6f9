// Reports to the service manager (systemd): started, still working, stopping. @see sd_notify(3)
import { getSystemErrorName } from 'node:util'
import { loadAddon } from './index.js'

/** Sends one datagram, and never waits. @param socket as NOTIFY_SOCKET has it: a path, or a name after @ @returns why not; null when it was sent */
export function notifyService(socket: string, text: string): string | null {
  const errno = loadAddon().notifyService(socket, text)
  return errno === 0 ? null : getSystemErrorName(-errno)
}
