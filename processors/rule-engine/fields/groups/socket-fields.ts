// Fields of connections: `fd.*` of sockets, by role (c: client, s: server) and by place (l: local, r: remote).
import type { RuleRecord } from '../rule-event.js'
import { serviceOfPort } from '../../text/service-ports.js'
import type { BytePlan } from '../bytes/byte-plan.js'
import { BOTH_SIDES, field, from, NETWORK, type FieldDefinition, type FieldReading, type FieldTraits } from '../field.js'
import type { FieldType } from '../field-type.js'
import type { FieldValue } from '../field-value.js'
import {
  addressOf,
  addressSource,
  hostNameOf,
  hostNameSource,
  portOf,
  portSource,
  roleOf,
  socketKind,
  socketOf,
  SOCKET_KIND_SOURCE,
  SOCKET_ROLE_SOURCE,
  transportOf,
  TRANSPORT_SOURCE,
  type End,
} from '../descriptor/socket.js'

const KINDS = { network: 'all', kernel: ['dup'] } as const
const OF_IP = { kinds: KINDS }
const OF_NETWORK = { kinds: { network: 'all' } } as const
const OF_NAME = { isWithoutRightSide: true, isWithoutTransformer: true, ...OF_NETWORK }
const OF_EITHER = { ...BOTH_SIDES, ...OF_IP }
const OF_CALLS = { kinds: { network: ['socket', 'bind', 'listen', 'connect', 'accept', 'send', 'receive', 'close'] } } as const
const BOTH_ADDRESSES = `${addressSource('local')} ${addressSource('remote')}`
const BOTH_PORTS = `${portSource('local')} ${portSource('remote')}`

const IS_CONNECTED = 'NetworkEvent.type NetworkEvent.isConnected'
const serviceDoc = (whose: string): string => `Service of the port ${whose} by its well-known name, else the port.`
const hostNameDoc = (whose: string): string => `Name of the address ${whose}, from the last DNS answer on this host.`

const ENDS: readonly (readonly [letter: string, end: End, whose: string])[] = [
  ['c', 'client', 'of the client'],
  ['s', 'server', 'of the server'],
  ['l', 'local', 'of this side'],
  ['r', 'remote', 'of the other side'],
]

/** A field of each end: `fd.` + letter + `name`. */
function ofEnds(
  name: string,
  type: FieldType,
  doc: (whose: string) => string,
  sourceOf: (end: End) => string,
  read: (event: RuleRecord, end: End) => FieldValue,
  traits: FieldTraits,
  plan?: (end: End) => BytePlan,
): FieldDefinition[] {
  const reading = (end: End): FieldReading =>
    from(sourceOf(end), (event) => read(event, end), plan === undefined ? {} : { network: plan(end) })
  return ENDS.map(([letter, end, whose]) => field(`fd.${letter}${name}`, type, doc(whose), reading(end), traits))
}

function both<Value>(client: Value | undefined, server: Value | undefined): Value[] | undefined {
  const values = [client, server].filter((value) => value !== undefined)
  return values.length === 0 ? undefined : values
}

/** Client and server; if the roles are not known, both places. */
function addresses(event: RuleRecord): string[] | undefined {
  return both(addressOf(event, 'local'), addressOf(event, 'remote'))
}

function ports(event: RuleRecord): number[] | undefined {
  return both(portOf(event, 'local'), portOf(event, 'remote'))
}

function protocolOf(event: RuleRecord, end: End): string | undefined {
  const port = portOf(event, end)
  return port === undefined ? undefined : (serviceOfPort(port) ?? String(port))
}

function familyText(event: RuleRecord): string | undefined {
  const socket = socketOf(event)
  const kind = socket === null ? null : socketKind(socket)
  return kind === 'ipv4' || kind === 'ipv6' ? 'ip' : kind === 'unix' ? 'unix' : undefined
}

function isServer(event: RuleRecord): boolean | undefined {
  const socket = socketOf(event)
  const role = socket === null ? null : roleOf(socket)
  return role === null ? undefined : role === 'server'
}

/** Defaults to not connected: so does Falco for a socket whose connect it did not see. */
function isConnected(event: RuleRecord): boolean | undefined {
  return event.topic === 'network' && event.record.type !== 'dns' ? (event.record.isConnected ?? false) : undefined
}

/** By default, the ends of a datagram are new to the socket: it is an event because it is the first of its flow. */
function isNameChanged(event: RuleRecord): boolean | undefined {
  if (event.topic !== 'network' || event.record.type === 'dns') return undefined
  const { isNameChanged: changed, isConnected: connected, type } = event.record
  if (changed !== null) return changed
  return type === 'bind' || type === 'connect' || type === 'accept' || ((type === 'send' || type === 'receive') && connected !== true)
}

/** The fields of this group, as lists show them. */
export const SOCKET_FIELDS: readonly FieldDefinition[] = [
  field(
    'fd.ip',
    'IPADDR',
    'Address of either side.',
    from(BOTH_ADDRESSES, addresses, { network: { kind: 'address', end: 'either' } }),
    OF_EITHER,
  ),
  ...ofEnds(
    'ip',
    'IPADDR',
    (whose) => `Address ${whose}.`,
    addressSource,
    addressOf,
    OF_IP,
    (end) => ({ kind: 'address', end }),
  ),
  field('fd.port', 'PORT', 'Port of either side.', from(BOTH_PORTS, ports, { network: { kind: 'port', end: 'either' } }), OF_EITHER),
  ...ofEnds(
    'port',
    'PORT',
    (whose) => `Port ${whose}.`,
    portSource,
    portOf,
    OF_IP,
    (end) => ({ kind: 'port', end }),
  ),
  field('fd.l4proto', 'CHARBUF', 'tcp, udp, icmp or raw.', from(TRANSPORT_SOURCE, transportOf, { network: { kind: 'transport' } }), OF_IP),
  field(
    'fd.sockfamily',
    'CHARBUF',
    'ip or unix.',
    from(SOCKET_KIND_SOURCE, familyText, { network: { kind: 'socketKind', form: 'family' } }),
    OF_IP,
  ),
  field('fd.is_server', 'BOOL', 'The process is the server of the connection.', from(SOCKET_ROLE_SOURCE, isServer), OF_IP),
  field('fd.proto', 'PORT', 'Port of either side; may be written as the name of its service.', from(BOTH_PORTS, ports), OF_EITHER),
  ...ofEnds('proto', 'CHARBUF', serviceDoc, portSource, protocolOf, OF_IP),
  field(
    'fd.net',
    'IPNET',
    'Network of either side.',
    from(BOTH_ADDRESSES, addresses, { network: { kind: 'address', end: 'either' } }),
    OF_EITHER,
  ),
  ...ofEnds(
    'net',
    'IPNET',
    (whose) => `Network ${whose}.`,
    addressSource,
    addressOf,
    { ...NETWORK, ...OF_IP },
    (end) => ({ kind: 'address', end }),
  ),
  field('fd.connected', 'BOOL', 'The socket has a peer after the call.', from(IS_CONNECTED, isConnected), OF_CALLS),
  field(
    'fd.name_changed',
    'BOOL',
    'The call changed the ends of the socket, as a first datagram does.',
    from('NetworkEvent.type NetworkEvent.isNameChanged NetworkEvent.isConnected', isNameChanged),
    OF_CALLS,
  ),
  ...ofEnds('ip.name', 'CHARBUF', hostNameDoc, hostNameSource, hostNameOf, OF_NAME, (end) => ({ kind: 'hostName', end })),
]
