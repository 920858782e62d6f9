// struct socket_facts and struct socket_event of bpf/record/event.h: the kernel's state of a socket, and KIND_SOCKET to KIND_DNS.
import { SOCKET_EVENT, SOCKET_FACTS, SOCKET_IS_KNOWN } from '../../native/generated/layout.js'
import { low52BitsAt, microsecondsAt } from './event-header.js'

/** struct socket_facts: the kernel's state of a socket. Addresses are bytes[at, at + 16) of the record, IPv4 in the first four. */
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

/** struct socket_event: KIND_SOCKET to KIND_DNS. Counts are at most 2^52. */
export class SocketRecord {
  readonly facts = new SocketFacts()
  size = 0
  bytesSent = 0
  bytesReceived = 0
  packetsSent = 0
  packetsReceived = 0
  durationUs = 0
  roundTripUs = 0
  callFlags = 0
  fd = 0
  backlog = 0
  /** Bits of enum socket_event_flags. */
  eventFlags = 0
  /** Descriptors that a message handed over; 0 for none. */
  passedDescriptors = 0
  /** Arguments of socket and socketpair. */
  family = 0
  type = 0
  protocol = 0
  /** struct sockaddr passed to or returned by the call: bytes[addressAt, addressEnd). */
  addressAt = 0
  addressEnd = 0
  /** sun_path of the peer or of the socket itself: bytes[addressEnd, unixEnd). */
  unixEnd = 0
  /** bytes[unixEnd, payloadEnd) */
  payloadEnd = 0

  /** Reads the record at `at`. @returns false when it is malformed */
  read(view: DataView, at: number, length: number): boolean {
    if (length < SOCKET_EVENT.bytes) return false
    const u32 = (offset: number): number => view.getUint32(at + offset, true)
    const long = (offset: number): number => low52BitsAt(view, at + offset)
    this.facts.read(view, at + SOCKET_EVENT.facts)
    this.size = long(SOCKET_EVENT.size)
    this.bytesSent = long(SOCKET_EVENT.bytesSent)
    this.bytesReceived = long(SOCKET_EVENT.bytesReceived)
    this.packetsSent = long(SOCKET_EVENT.packetsSent)
    this.packetsReceived = long(SOCKET_EVENT.packetsReceived)
    this.durationUs = microsecondsAt(view, at + SOCKET_EVENT.durationNs)
    this.roundTripUs = u32(SOCKET_EVENT.roundTripUs)
    this.callFlags = u32(SOCKET_EVENT.callFlags)
    this.fd = view.getInt32(at + SOCKET_EVENT.fd, true)
    this.backlog = view.getInt32(at + SOCKET_EVENT.backlog, true)
    this.eventFlags = u32(SOCKET_EVENT.eventFlags)
    this.passedDescriptors = u32(SOCKET_EVENT.passedDescriptors)
    this.family = view.getInt32(at + SOCKET_EVENT.family, true)
    this.type = u32(SOCKET_EVENT.type)
    this.protocol = view.getInt32(at + SOCKET_EVENT.protocol, true)
    this.addressAt = at + SOCKET_EVENT.bytes
    this.addressEnd = this.addressAt + u32(SOCKET_EVENT.addressLength)
    this.unixEnd = this.addressEnd + u32(SOCKET_EVENT.unixLength)
    this.payloadEnd = this.unixEnd + u32(SOCKET_EVENT.payloadLength)
    return this.payloadEnd <= at + length
  }

  /** One of enum socket_event_flags is set. */
  has(flag: number): boolean {
    return (this.eventFlags & flag) !== 0
  }
}
