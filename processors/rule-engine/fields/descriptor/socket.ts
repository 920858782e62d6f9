// The two ends of a socket by place (local, remote) and by role (client, server), for `fd.*` of connections. Network events have them, and so
// do duplicated socket descriptors.
import { isIPv4, isIPv6 } from 'node:net'
import type { KernelEvent, NetworkEvent } from '../../../../schemas/generated/types.js'
import type { RuleRecord } from '../rule-event.js'
import { parseAddress } from '../../text/addresses.js'
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, transportText } from '../kernel-names/network-names.js'
import { recordText } from '../record/record-text.js'

/** Where an end is. */
export type Place = 'local' | 'remote'
/** The role of an end. */
export type Role = 'client' | 'server'
/** Names one end of a socket. */
export type End = Place | Role

type Side = 'Address' | 'Port'

const HAS_SOCKET = 'NetworkEvent.family KernelEvent.type KernelEvent.family'
const ROLE = 'NetworkEvent.type NetworkEvent.isServer KernelEvent.isServer'

const inBoth = (fields: string): string =>
  fields
    .split(' ')
    .map((name) => `NetworkEvent.${name} KernelEvent.${name}`)
    .join(' ')

/** What {@link socketKind} reads of the socket of an event. */
export const SOCKET_KIND_SOURCE = `${HAS_SOCKET} ${inBoth('remoteAddress localAddress')}`
/** What {@link roleOf} reads of the socket of an event. */
export const SOCKET_ROLE_SOURCE = `${ROLE} KernelEvent.type KernelEvent.family`
/** What {@link socketName} reads. */
export const SOCKET_NAME_SOURCE = `${HAS_SOCKET} ${ROLE} ${inBoth('localAddress localPort remoteAddress remotePort')} NetworkEvent.unixPath`
/** What {@link transportOf} reads. */
export const TRANSPORT_SOURCE = `${HAS_SOCKET} NetworkEvent.socketType ${inBoth('protocol')}`

const isPlace = (end: End): end is Place => end === 'local' || end === 'remote'

/** What {@link addressOf} reads for an end. */
export function addressSource(end: End): string {
  return isPlace(end) ? `${HAS_SOCKET} ${inBoth(`${end}Address`)}` : `${HAS_SOCKET} ${ROLE} ${inBoth('localAddress remoteAddress')}`
}

/** What {@link portOf} reads for an end. */
export function portSource(end: End): string {
  return isPlace(end) ? `${HAS_SOCKET} ${inBoth(`${end}Port`)}` : `${HAS_SOCKET} ${ROLE} ${inBoth('remoteAddress localPort remotePort')}`
}

/** What {@link hostNameOf} reads for an end. */
export function hostNameSource(end: End): string {
  const role = 'NetworkEvent.type NetworkEvent.isServer NetworkEvent.remoteAddress NetworkEvent.localName NetworkEvent.remoteName'
  return `NetworkEvent.family ${isPlace(end) ? `NetworkEvent.${end}Name` : role}`
}

/** The record of the event if it has a socket, else null. */
export function socketOf(event: RuleRecord): NetworkEvent | KernelEvent | null {
  if (event.topic === 'network') return event.record
  return event.topic === 'kernel' && event.record.type === 'dup' && event.record.family !== null ? event.record : null
}

/** `ipv4`, `ipv6`, `unix` or another AF_* name. As in Falco, IPv4 over an IPv6 socket is IPv4. null if it is not known. */
export function socketKind(socket: NetworkEvent | KernelEvent): 'ipv4' | 'ipv6' | 'unix' | 'netlink' | 'packet' | 'socket' | null {
  const { family } = socket
  if (family === AF_INET) return 'ipv4'
  if (family === AF_INET6) return isIPv4(socket.remoteAddress ?? socket.localAddress ?? '') ? 'ipv4' : 'ipv6'
  if (family === null) return null
  if (family === AF_UNIX) return 'unix'
  return family === AF_NETLINK ? 'netlink' : family === AF_PACKET ? 'packet' : 'socket'
}

/** The IP socket of the event; null if it has none. */
export function ipSocketOf(event: RuleRecord): NetworkEvent | KernelEvent | null {
  const socket = socketOf(event)
  return socket !== null && (socket.family === AF_INET || socket.family === AF_INET6) ? socket : null
}

/** The role of the process; null if it is not known. The side that connects or sends first counts as the client. */
export function roleOf(socket: NetworkEvent | KernelEvent): Role | null {
  if (socket.isServer !== null) return socket.isServer ? 'server' : 'client'
  switch (socket.type) {
    case 'connect':
    case 'send':
      return 'client'
    case 'accept':
    case 'listen':
    case 'bind':
    case 'receive':
      return 'server'
    default:
      return null
  }
}

/** The place of an end; null if it is not known. A socket without a remote end, such as a listening one, is the server. */
export function placeOf(socket: NetworkEvent | KernelEvent, end: End): Place | null {
  if (isPlace(end)) return end
  const own = socket.remoteAddress === null ? 'server' : roleOf(socket)
  if (own === null) return null
  return own === end ? 'local' : 'remote'
}

/** Address of an end as byte text of 4 or 16 bytes. */
export function addressOf(event: RuleRecord, end: End): string | undefined {
  const text = valueAt(event, end, 'Address')
  return typeof text === 'string' ? (parseAddress(text) ?? undefined) : undefined
}

/** Port of an end. */
export function portOf(event: RuleRecord, end: End): number | undefined {
  const port = valueAt(event, end, 'Port')
  return typeof port === 'number' ? port : undefined
}

function valueAt(event: RuleRecord, end: End, side: Side): string | number | null {
  const socket = ipSocketOf(event)
  const place = socket === null ? null : placeOf(socket, end)
  return socket === null || place === null ? null : socket[`${place}${side}`]
}

/** Name of an end's address, from a DNS answer. */
export function hostNameOf(event: RuleRecord, end: End): string | undefined {
  if (event.topic !== 'network' || ipSocketOf(event) === null) return undefined
  const place = placeOf(event.record, end)
  return place === null ? undefined : recordText(event, `${place}Name`, event.record[`${place}Name`])
}

/** `tcp`, `udp`, `icmp`, `raw`. */
export function transportOf(event: RuleRecord): string | undefined {
  const socket = ipSocketOf(event)
  if (socket === null) return undefined
  return transportText(event.topic === 'network' ? event.record.socketType : null, socket.protocol) ?? undefined
}

/** `client:port->server:port`, `address:port` of a socket without a remote end, the path of a unix socket; empty for none of these. */
export function socketName(event: RuleRecord): string | undefined {
  const socket = socketOf(event)
  if (socket === null) return undefined
  const unixPath = event.topic === 'network' ? recordText(event, 'unixPath', event.record.unixPath) : undefined
  if (ipSocketOf(event) === null) return unixPath ?? ''
  const { localAddress, localPort, remoteAddress, remotePort } = socket
  if (remoteAddress === null) return localAddress === null ? '' : endText(localAddress, localPort)
  const local = endText(localAddress ?? (isIPv6(remoteAddress) ? '::' : '0.0.0.0'), localPort)
  const remote = endText(remoteAddress, remotePort)
  return roleOf(socket) === 'server' ? `${remote}->${local}` : `${local}->${remote}`
}

function endText(address: string, port: number | null): string {
  // An invalid address came from outside and is not shown.
  return `${parseAddress(address) === null ? '?' : address}:${String(port ?? 0)}`
}

/** `address:port` of an end, or the path of a unix socket: an address as the call received it. */
export function placeText(event: RuleRecord, place: Place): string | undefined {
  const socket = socketOf(event)
  if (socket === null) return undefined
  if (ipSocketOf(event) === null) return event.topic === 'network' ? recordText(event, 'unixPath', event.record.unixPath) : undefined
  const address = socket[`${place}Address`]
  return address === null ? undefined : endText(address, socket[`${place}Port`])
}
