// Sockets: the process of the event is looked up, a DNS message is read and its names are learned, the event is published.
import { readDnsMessage } from '../dns/dns-message.js'
import type { SeenNames } from '../dns/seen-names.js'
import type { NetworkEventEncoder } from '../encoder/network-event-encoder.js'
import { SYSCALL_NUMBERS } from '../encoder/syscall-symbols.js'
import { KIND, SOCKET_KINDS } from '../ring-events/event-kinds.js'
import { SocketRecord } from '../ring-events/socket-record.js'
import type { EventContext, RecordHandler } from './event-context.js'

const { recvfrom, recvmsg, recvmmsg, read, readv } = SYSCALL_NUMBERS
/** Calls by which an answer comes; the last two of TCP. */
const RECEIVING: ReadonlySet<number> = new Set([recvfrom, recvmsg, recvmmsg, read, readv])

/** Handlers of struct socket_event, by kind. @param names learned from DNS answers */
export function networkHandlers(context: EventContext, encoder: NetworkEventEncoder, names: SeenNames): ReadonlyMap<number, RecordHandler> {
  const { header, table, processes, publisher, containers } = context
  const socket = new SocketRecord()
  const containerOf = (): string => {
    const cgroupId = (BigInt(header.cgroupHigh) << 32n) | BigInt(header.cgroupLow)
    return containers.membershipOf(cgroupId, header.isCgroupV1).containerId ?? ''
  }
  const nameOf = (address: string): string | null => (names.size === 0 ? null : names.nameOf(containerOf(), address, header.bootUs))
  const handler: RecordHandler = (record) => {
    const { bytes } = record
    if (!socket.read(record.view, record.at, record.length)) return 'malformed'
    const dns = header.kind === KIND.dns ? readDnsMessage(bytes.subarray(socket.unixEnd, socket.payloadEnd)) : null
    if (dns !== null && RECEIVING.has(header.syscall)) names.learn(containerOf(), dns, header.bootUs)
    const wallUs = context.wallUs()
    encoder.event(header, processes.of(table.at(header), header), bytes, socket, { dns, nameOf }, wallUs)
    return publisher.fromRing(record.ring, 'network', record.account, encoder.writer, wallUs, record.mark) ? 'published' : 'full'
  }
  return new Map(SOCKET_KINDS.map((kind) => [kind, handler]))
}
