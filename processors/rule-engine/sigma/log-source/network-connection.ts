// Category network_connection, in the fields of Sysmon: a TCP connection that was made or accepted, or that goes on being made without its
// caller, and the first datagram of a UDP flow. Source is the side that began, whichever of both this process is.
import { from } from '../../fields/field.js'
import type { FieldDefinition } from '../../fields/field.js'
import { ipSocketOf, placeOf, roleOf } from '../../fields/descriptor/socket.js'
import type { End } from '../../fields/descriptor/socket.js'
import { transportText } from '../../fields/kernel-names/network-names.js'
import { toByteText } from '../../text/byte-text.js'
import type { NetworkEvent } from '../../../../schemas/generated/types.js'
import type { RuleRecord } from '../../fields/judged-event.js'
import { commonFields } from './common-fields.js'
import { eventsWith } from './event-scope.js'
import type { AnsweredSource } from './log-source.js'
import { ownField, sigmaFields } from './sigma-fields.js'

const CONNECTS = ['connect', 'accept', 'accept4']
const DATAGRAMS = ['sendto', 'sendmsg', 'sendmmsg', 'recvfrom', 'recvmsg', 'recvmmsg']
const EINPROGRESS = -115

const ENDS = 'NetworkEvent.type NetworkEvent.family NetworkEvent.isServer NetworkEvent.localAddress NetworkEvent.remoteAddress'

/** The category `network_connection`. */
export function networkConnection(): AnsweredSource {
  const fields = sigmaFields([
    ...commonFields(),
    ownField('Protocol', 'tcp or udp.', from('NetworkEvent.family NetworkEvent.protocol NetworkEvent.socketType', transport)),
    ownField(
      'Initiated',
      'true when the process began the connection, false when it accepted it.',
      from('NetworkEvent.isServer', initiated),
    ),
    ...endFields('Source', 'of the side that began', 'client'),
    ...endFields('Destination', 'of the side that was asked', 'server'),
  ])
  return { isAnswered: true, scope: eventsWith([...CONNECTS, ...DATAGRAMS], 'connected', isConnection), fields, shapes: [] }
}

/** The record of an event with an IP socket; null for all others. */
function socketRecord(event: RuleRecord): NetworkEvent | null {
  return event.topic === 'network' && ipSocketOf(event) !== null ? event.record : null
}

function isConnection(event: RuleRecord): boolean {
  const record = socketRecord(event)
  if (record === null || (record.result < 0 && record.result !== EINPROGRESS)) return false
  // A connect of UDP sends nothing: its first datagram is told by itself.
  const isUdp = transport(event) === 'udp'
  return record.type === 'connect' || record.type === 'accept' ? !isUdp : isUdp && (record.type === 'send' || record.type === 'receive')
}

function transport(event: RuleRecord): string | undefined {
  const record = socketRecord(event)
  return record === null ? undefined : (transportText(record.socketType, record.protocol) ?? undefined)
}

function initiated(event: RuleRecord): string | undefined {
  const record = socketRecord(event)
  const role = record === null ? null : roleOf(record)
  return role === null ? undefined : String(role === 'client')
}

function endFields(name: string, of: string, end: End): FieldDefinition[] {
  return [
    ownField(
      `${name}Ip`,
      `Address ${of}.`,
      from(ENDS, (event) => endOf(event, end)?.address ?? undefined),
    ),
    ownField(
      `${name}Port`,
      `Port ${of}.`,
      from(`${ENDS} NetworkEvent.localPort NetworkEvent.remotePort`, (event) => endOf(event, end)?.port ?? undefined),
    ),
    ownField(
      `${name}Hostname`,
      `Name that a DNS answer gave for the address ${of}.`,
      from(`${ENDS} NetworkEvent.localName NetworkEvent.remoteName`, (event) => endOf(event, end)?.hostName ?? undefined),
    ),
    ownField(
      `${name}IsIpv6`,
      `true when the address ${of} is of IPv6.`,
      from(ENDS, (event) => isIpv6(endOf(event, end)?.address ?? null)),
    ),
  ]
}

interface SocketEnd {
  readonly address: string | null
  readonly port: number | null
  readonly hostName: string | null
}

function endOf(event: RuleRecord, end: End): SocketEnd | null {
  const record = socketRecord(event)
  const place = record === null ? null : placeOf(record, end)
  if (record === null || place === null) return null
  const { localAddress, localPort, localName, remoteAddress, remotePort, remoteName } = record
  const [address, port, hostName] = place === 'local' ? [localAddress, localPort, localName] : [remoteAddress, remotePort, remoteName]
  return { address: bytes(address), port, hostName: bytes(hostName) }
}

const bytes = (text: string | null): string | null => (text === null ? null : toByteText(text))
const isIpv6 = (address: string | null): string | undefined => (address === null ? undefined : String(address.includes(':')))
