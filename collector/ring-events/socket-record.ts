// struct socket_event of bpf/record/event.h: KIND_SOCKET to KIND_DNS.
import { EVENT_HEADER_BYTES, low52BitsAt, microsecondsAt } from './event-header.js'
import { SOCKET_FACTS_BYTES, SocketFacts } from './socket-facts.js'

/** Offsets within struct socket_event. */
export const SOCKET_EVENT = {
  facts: 72,
  size: 128,
  bytesSent: 136,
  bytesReceived: 144,
  packetsSent: 152,
  packetsReceived: 160,
  durationNs: 168,
  roundTripUs: 176,
  callFlags: 180,
  fd: 184,
  backlog: 188,
  eventFlags: 192,
  family: 196,
  type: 200,
  protocol: 204,
  addressLength: 208,
  unixLength: 212,
  payloadLength: 216,
} as const

/** sizeof(struct socket_event). */
export const SOCKET_EVENT_BYTES = EVENT_HEADER_BYTES + SOCKET_FACTS_BYTES + 96

/** enum socket_event_flags. */
export const SOCKET_EVENT_FLAGS = { isServer: 1, isClient: 2, hasCounts: 4, hasDuration: 8, hasRoundTrip: 16 } as const

/** The socket event that was read last. Counts are at most 2^52. */
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
  /** Bits of SOCKET_EVENT_FLAGS. */
  eventFlags = 0
  /** Arguments of socket and socketpair. */
  family = 0
  type = 0
  protocol = 0
  /** struct sockaddr as the call was given it, or gave it back: bytes[addressAt, addressEnd). */
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
    this.family = view.getInt32(at + SOCKET_EVENT.family, true)
    this.type = u32(SOCKET_EVENT.type)
    this.protocol = view.getInt32(at + SOCKET_EVENT.protocol, true)
    this.addressAt = at + SOCKET_EVENT_BYTES
    this.addressEnd = this.addressAt + u32(SOCKET_EVENT.addressLength)
    this.unixEnd = this.addressEnd + u32(SOCKET_EVENT.unixLength)
    this.payloadEnd = this.unixEnd + u32(SOCKET_EVENT.payloadLength)
    return this.payloadEnd <= at + length
  }

  /** One of SOCKET_EVENT_FLAGS is set. */
  has(flag: number): boolean {
    return (this.eventFlags & flag) !== 0
  }
}
