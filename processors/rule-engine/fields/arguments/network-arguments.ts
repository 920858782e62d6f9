// Arguments of the calls on sockets, and of DNS messages.
import { byteTextOf } from '../../text/byte-text.js'
import { socketFamilyText } from '../kernel-names/network-names.js'
import { recordText } from '../record/record-text.js'
import { placeText, socketName, SOCKET_NAME_SOURCE } from '../descriptor/socket.js'
import { BYTES, DESCRIPTOR, RESULT, argumentMaker, named, type ArgumentTable, type EventArgument, type EventOf } from './event-argument.js'

type Event = EventOf<'network'>
const argument = argumentMaker<Event>('NetworkEvent')

const res = argument('res', 'NetworkEvent.result', ({ record }) => record.result, RESULT)
const newFd = argument('fd', 'NetworkEvent.result', ({ record }) => record.result, DESCRIPTOR)
const givenFd = argument('fd', 'NetworkEvent.fd', ({ record }) => record.fd, DESCRIPTOR)
const domain = argument('domain', 'NetworkEvent.family', ({ record }) => record.family, named(socketFamilyText))
const type = argument('type', 'NetworkEvent.socketType NetworkEvent.flags', ({ record }) =>
  record.socketType === null ? undefined : record.socketType + (record.flags ?? 0),
)
const proto = argument('proto', 'NetworkEvent.protocol', ({ record }) => record.protocol)
/** Both ends, client first. */
const tuple = argument('tuple', SOCKET_NAME_SOURCE, (event) => socketName(event) ?? undefined)
const addr = (place: 'local' | 'remote'): EventArgument<Event> =>
  argument('addr', `NetworkEvent.family NetworkEvent.${place}Address NetworkEvent.${place}Port NetworkEvent.unixPath`, (event) =>
    placeText(event, place),
  )
const backlog = argument('backlog', 'NetworkEvent.backlog', ({ record }) => record.backlog)
const flags = argument('flags', 'NetworkEvent.flags', ({ record }) => record.flags)
const size = argument('size', 'NetworkEvent.size', ({ record }) => record.size)
const data = argument(
  'data',
  'NetworkEvent.payload',
  ({ record }) => (record.payload === null ? undefined : byteTextOf(record.payload)),
  BYTES,
)

const SEND = [res, data, givenFd, size, tuple]

/** Arguments in Falco's order and under its names. */
export const NETWORK_ARGUMENTS: ArgumentTable<Event> = {
  socket: [newFd, domain, type, proto],
  socketpair: [res, domain, type, proto],
  bind: [res, addr('local'), givenFd],
  listen: [res, givenFd, backlog],
  connect: [res, tuple, givenFd, addr('remote')],
  accept: [newFd, tuple],
  accept4: [newFd, tuple, flags],
  sendto: SEND,
  sendmsg: SEND,
  sendmmsg: SEND,
  recvfrom: [res, data, tuple, givenFd, size],
  recvmsg: [res, size, data, tuple, givenFd],
  recvmmsg: [res, size, data, tuple, givenFd],
  shutdown: [res, givenFd],
  close: [res, givenFd],
  dns: [
    argument('name', 'NetworkEvent.dns DnsMessage.questionName', (event) =>
      event.record.dns === null ? undefined : recordText(event, 'dns.questionName', event.record.dns.questionName),
    ),
    tuple,
  ],
}
