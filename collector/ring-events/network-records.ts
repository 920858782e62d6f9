// struct socket_facts and struct socket_event of bpf/record/event.h: the kernel's state of a socket, and KIND_SOCKET to KIND_DNS.
import {
  SOCKET_EVENT_ADDRESS_LENGTH,
  SOCKET_EVENT_BACKLOG,
  SOCKET_EVENT_BYTES,
  SOCKET_EVENT_BYTES_RECEIVED,
  SOCKET_EVENT_BYTES_SENT,
  SOCKET_EVENT_CALL_FLAGS,
  SOCKET_EVENT_DURATION_NS,
  SOCKET_EVENT_EVENT_FLAGS,
  SOCKET_EVENT_FACTS,
  SOCKET_EVENT_FAMILY,
  SOCKET_EVENT_FD,
  SOCKET_EVENT_PACKETS_RECEIVED,
  SOCKET_EVENT_PACKETS_SENT,
  SOCKET_EVENT_PAYLOAD_LENGTH,
  SOCKET_EVENT_PROTOCOL,
  SOCKET_EVENT_ROUND_TRIP_US,
  SOCKET_EVENT_SIZE,
  SOCKET_EVENT_TYPE,
  SOCKET_EVENT_UNIX_LENGTH,
  SOCKET_FACTS_COOKIE,
  SOCKET_FACTS_FAMILY,
  SOCKET_FACTS_FLAGS,
  SOCKET_FACTS_LOCAL,
  SOCKET_FACTS_LOCAL_PORT,
  SOCKET_FACTS_PROTOCOL,
  SOCKET_FACTS_REMOTE,
  SOCKET_FACTS_REMOTE_PORT,
  SOCKET_FACTS_STATE,
  SOCKET_FACTS_TYPE,
  SOCKET_IS_KNOWN,
} from '../../native/generated/layout.js'
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
    this.isKnown = (view.getUint8(at + SOCKET_FACTS_FLAGS) & SOCKET_IS_KNOWN) !== 0
    this.cookieLow = view.getUint32(at + SOCKET_FACTS_COOKIE, true)
    this.cookieHigh = view.getUint32(at + SOCKET_FACTS_COOKIE + 4, true)
    this.remoteAt = at + SOCKET_FACTS_REMOTE
    this.localAt = at + SOCKET_FACTS_LOCAL
    this.remotePort = view.getUint16(at + SOCKET_FACTS_REMOTE_PORT, true)
    this.localPort = view.getUint16(at + SOCKET_FACTS_LOCAL_PORT, true)
    this.family = view.getUint16(at + SOCKET_FACTS_FAMILY, true)
    this.type = view.getUint16(at + SOCKET_FACTS_TYPE, true)
    this.protocol = view.getUint16(at + SOCKET_FACTS_PROTOCOL, true)
    this.state = view.getUint8(at + SOCKET_FACTS_STATE)
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
    if (length < SOCKET_EVENT_BYTES) return false
    const u32 = (offset: number): number => view.getUint32(at + offset, true)
    const long = (offset: number): number => low52BitsAt(view, at + offset)
    this.facts.read(view, at + SOCKET_EVENT_FACTS)
    this.size = long(SOCKET_EVENT_SIZE)
    this.bytesSent = long(SOCKET_EVENT_BYTES_SENT)
    this.bytesReceived = long(SOCKET_EVENT_BYTES_RECEIVED)
    this.packetsSent = long(SOCKET_EVENT_PACKETS_SENT)
    this.packetsReceived = long(SOCKET_EVENT_PACKETS_RECEIVED)
    this.durationUs = microsecondsAt(view, at + SOCKET_EVENT_DURATION_NS)
    this.roundTripUs = u32(SOCKET_EVENT_ROUND_TRIP_US)
    this.callFlags = u32(SOCKET_EVENT_CALL_FLAGS)
    this.fd = view.getInt32(at + SOCKET_EVENT_FD, true)
    this.backlog = view.getInt32(at + SOCKET_EVENT_BACKLOG, true)
    this.eventFlags = u32(SOCKET_EVENT_EVENT_FLAGS)
    this.family = view.getInt32(at + SOCKET_EVENT_FAMILY, true)
    this.type = u32(SOCKET_EVENT_TYPE)
    this.protocol = view.getInt32(at + SOCKET_EVENT_PROTOCOL, true)
    this.addressAt = at + SOCKET_EVENT_BYTES
    this.addressEnd = this.addressAt + u32(SOCKET_EVENT_ADDRESS_LENGTH)
    this.unixEnd = this.addressEnd + u32(SOCKET_EVENT_UNIX_LENGTH)
    this.payloadEnd = this.unixEnd + u32(SOCKET_EVENT_PAYLOAD_LENGTH)
    return this.payloadEnd <= at + length
  }

  /** One of enum socket_event_flags is set. */
  has(flag: number): boolean {
    return (this.eventFlags & flag) !== 0
  }
}
