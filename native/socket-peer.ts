// Who is at the other end of a connection of a unix socket, as the kernel noted when it connected (SO_PEERCRED, unix(7)).
import type { Socket } from 'node:net'
import type { SocketPeer } from './addon.js'
import { loadAddon } from './index.js'

/** Null for another kind of socket, one that is closed, and where the addon is missing. */
export function socketPeer(socket: Socket): SocketPeer | null {
  // Node has no public way to the descriptor of a socket.
  const { _handle: handle } = socket as { readonly _handle?: { readonly fd?: unknown } | null }
  if (typeof handle?.fd !== 'number' || handle.fd < 0) return null
  try {
    return loadAddon().socketPeer(handle.fd) ?? null
  } catch {
    return null
  }
}
