// The addresses of a socket event: those that the kernel knows of the socket after the call, or the address of the call.
import type { EventHeader } from '../ring-events/event-header.js'
import { KIND, SOCKET_REMOTE_OF_CALL } from '../../native/generated/layout.js'
import type { SocketRecord } from '../ring-events/network-records.js'
import { addressText } from './address-text.js'

/** AF_*, include/linux/socket.h. */
export const AF_UNIX = 1
const AF_INET = 2
const AF_INET6 = 10
const IPV4_BYTES = 4
const IPV6_BYTES = 16
const EINPROGRESS = -115
const AT_SIGN = 0x40

/** Offsets in struct sockaddr_in, sockaddr_in6 and sockaddr_un. */
const PORT_AT = 2
const IN_ADDRESS_AT = 4
const IN6_ADDRESS_AT = 8
const SUN_PATH_AT = 2

/** One end of a socket. */
export interface SocketEnd {
  readonly address: string
  readonly port: number
  /** From the memory of the caller, and not from the socket. */
  readonly isGiven: boolean
}

/** IPPROTO_TCP, IPPROTO_UDP: without a port there is no end. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17])

/** An end that the socket has; null for none. */
function knownEnd({ facts }: SocketRecord, bytes: Uint8Array, at: number, port: number): SocketEnd | null {
  return port === 0 && WITH_PORTS.has(facts.protocol) ? null : endOf(bytes, at, port, facts.family)
}

/** Null without address and port. */
function endOf(bytes: Uint8Array, at: number, port: number, family: number, isGiven = false): SocketEnd | null {
  const width = family === AF_INET ? IPV4_BYTES : family === AF_INET6 ? IPV6_BYTES : 0
  let seen = port
  for (let index = 0; index < width; index++) seen |= bytes[at + index] ?? 0
  const address = seen === 0 ? null : addressText(bytes, at, family)
  return address === null ? null : { address, port, isGiven }
}

const familyOf = (bytes: Uint8Array, { addressAt, addressEnd }: SocketRecord): number =>
  addressEnd - addressAt < SUN_PATH_AT ? 0 : (bytes[addressAt] ?? 0) | ((bytes[addressAt + 1] ?? 0) << 8)

/** The address of the call; null for none, one of another family, or one that was cut. */
function givenEnd(bytes: Uint8Array, record: SocketRecord): SocketEnd | null {
  const { addressAt: at, addressEnd } = record
  const family = familyOf(bytes, record)
  const addressAt = family === AF_INET ? IN_ADDRESS_AT : IN6_ADDRESS_AT
  if ((family !== AF_INET && family !== AF_INET6) || at + addressAt + (family === AF_INET ? IPV4_BYTES : IPV6_BYTES) > addressEnd)
    return null
  const port = ((bytes[at + PORT_AT] ?? 0) << 8) | (bytes[at + PORT_AT + 1] ?? 0)
  return endOf(bytes, at + addressAt, port, family, true)
}

/** The remote end; for a connect that was refused before it began, and for a datagram on a socket without a peer, the address of the call. */
export function remoteEnd(header: EventHeader, bytes: Uint8Array, record: SocketRecord): SocketEnd | null {
  const { facts } = record
  const { kind, result } = header
  const known = knownEnd(record, bytes, facts.remoteAt, facts.remotePort)
  if (kind === KIND.bind) return known
  const isOfSocket = kind === KIND.connect && (result === 0 || result === EINPROGRESS || record.has(SOCKET_REMOTE_OF_CALL))
  return isOfSocket ? (known ?? givenEnd(bytes, record)) : (givenEnd(bytes, record) ?? known)
}

/** The local end; for a refused bind the address of the call. */
export function localEnd(header: EventHeader, bytes: Uint8Array, record: SocketRecord): SocketEnd | null {
  const { facts } = record
  if (header.kind === KIND.bind && header.result !== 0) return givenEnd(bytes, record)
  return knownEnd(record, bytes, facts.localAt, facts.localPort)
}

/** Name of a unix socket; null when it has none. The one connected or sent to takes precedence. */
export function unixName(
  header: EventHeader,
  bytes: Uint8Array,
  record: SocketRecord,
): { readonly name: Uint8Array; readonly isGiven: boolean } | null {
  const { addressAt, addressEnd, unixEnd } = record
  const given = familyOf(bytes, record) === AF_UNIX ? sunPath(bytes.subarray(addressAt + SUN_PATH_AT, addressEnd)) : null
  const known = sunPath(bytes.subarray(addressEnd, unixEnd))
  const isOfSocket = header.result >= 0 && (header.kind === KIND.connect || header.kind === KIND.bind)
  const name = isOfSocket ? (known ?? given) : (given ?? known)
  return name === null ? null : { name, isGiven: name === given }
}

/** sun_path as a name: up to its NUL; an abstract one whole, with each NUL as @, as in /proc/net/unix. Null for none. */
export function sunPath(path: Uint8Array): Uint8Array | null {
  if (path.length === 0) return null
  if (path[0] === 0) return path.length === 1 ? null : path.map((byte) => (byte === 0 ? AT_SIGN : byte))
  const end = path.indexOf(0)
  return end < 0 ? path : path.subarray(0, end)
}
