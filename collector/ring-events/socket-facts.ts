// struct socket_facts of bpf/record/event.h: what the kernel knows of a socket.

/** Offsets within struct socket_facts. */
export const SOCKET_FACTS = {
  cookie: 0,
  remote: 8,
  local: 24,
  remotePort: 40,
  localPort: 42,
  family: 44,
  type: 46,
  protocol: 48,
  state: 50,
  flags: 51,
} as const

/** sizeof(struct socket_facts). */
export const SOCKET_FACTS_BYTES = 56
/** SOCKET_IS_KNOWN. */
export const SOCKET_IS_KNOWN = 1

/** The socket that was read last. Addresses are bytes[place, place + 16) of the record, IPv4 in the first four. */
export class SocketFacts {
  isKnown = false
  cookieLow = 0
  cookieHigh = 0
  remoteAt = 0
  localAt = 0
  remotePort = 0
  localPort = 0
  family = 0
  type = 0
  protocol = 0
  state = 0

  /** Reads the facts at `at`, which are within the record. */
  read(view: DataView, at: number): this {
    this.isKnown = (view.getUint8(at + SOCKET_FACTS.flags) & SOCKET_IS_KNOWN) !== 0
    this.cookieLow = view.getUint32(at + SOCKET_FACTS.cookie, true)
    this.cookieHigh = view.getUint32(at + SOCKET_FACTS.cookie + 4, true)
    this.remoteAt = at + SOCKET_FACTS.remote
    this.localAt = at + SOCKET_FACTS.local
    this.remotePort = view.getUint16(at + SOCKET_FACTS.remotePort, true)
    this.localPort = view.getUint16(at + SOCKET_FACTS.localPort, true)
    this.family = view.getUint16(at + SOCKET_FACTS.family, true)
    this.type = view.getUint16(at + SOCKET_FACTS.type, true)
    this.protocol = view.getUint16(at + SOCKET_FACTS.protocol, true)
    this.state = view.getUint8(at + SOCKET_FACTS.state)
    return this
  }
}
