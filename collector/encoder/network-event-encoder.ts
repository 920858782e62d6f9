// Encodes records of the topic network in the wire format, fields in the order of schemas/network.avsc. The caller appends
// writer.bytes[0, position).
import { AvroWriter } from '../../schemas/avro-writer.js'
import { NETWORK_EVENT_TYPE_SYMBOLS, type DnsMessage, type NetworkEventType } from '../../schemas/generated/types.js'
import { writeHeader } from '../../schemas/wire-format.js'
import { NO_SYSCALL, type EventHeader } from '../ring-events/event-header.js'
import {
  KIND,
  SOCKET_HAS_COUNTS,
  SOCKET_HAS_DURATION,
  SOCKET_HAS_ROUND_TRIP,
  SOCKET_IS_CLIENT,
  SOCKET_IS_SERVER,
} from '../../native/generated/layout.js'
import { kindFacts } from '../ring-events/event-kinds.js'
import { type SocketRecord } from '../ring-events/network-records.js'
import type { ProcessBytes } from '../processes/encoded-process.js'
import type { OriginEncoder } from './origin-encoder.js'
import { PATH_SOURCE } from './path-encoder.js'
import { RawTexts, writeDecimal, writeOptionalText } from './text-encoder.js'
import { AF_UNIX, localEnd, remoteEnd, unixName, type SocketEnd } from './socket-addresses.js'
import { syscallSymbol } from '../../schemas/calls.js'
import { CALL_NUMBERS } from '../../schemas/generated/calls.js'

/** States of a socket with a peer: ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, LAST_ACK, CLOSING of include/net/tcp_states.h. */
const CONNECTED_STATES: ReadonlySet<number> = new Set([1, 4, 5, 8, 9, 11])

/** What the collector adds to the record: the DNS message in its payload, names of its ends. */
interface NetworkFacts {
  readonly dns: DnsMessage | null
  readonly nameOf: (address: string) => string | null
}

/** Encodes network events into `writer`, which is reset by each. */
export class NetworkEventEncoder {
  readonly writer = new AvroWriter(64 * 1024)
  readonly #schemaId: number
  readonly #origin: OriginEncoder
  readonly #raw = new RawTexts()

  constructor(schemaId: number, origin: OriginEncoder) {
    this.#schemaId = schemaId
    this.#origin = origin
  }

  event(header: EventHeader, process: ProcessBytes, bytes: Uint8Array, record: SocketRecord, facts: NetworkFacts, wallUs: number): void {
    const { writer } = this
    const { kind } = header
    writer.reset()
    this.#raw.clear()
    writeHeader(writer, this.#schemaId)
    writer.int(NETWORK_EVENT_TYPE_SYMBOLS.indexOf((kindFacts(kind)?.name ?? 'UNKNOWN') as NetworkEventType))
    writer.int(header.syscall === NO_SYSCALL ? 0 : syscallSymbol(header.syscall))
    writer.int(header.result)
    this.#socket(kind, record)
    const remoteSource = this.#ends(header, bytes, record, facts)
    this.#optionalBoolean(isConnected(header, record))
    this.#optionalBoolean(kind === KIND.connect || kind === KIND.bind ? header.result === 0 : null)
    this.#optional(record.fd >= 0 && kind !== KIND.dns ? record.fd : null)
    writer.raw(process.bytes, 0, process.length)
    this.#raw.addAll(process.raw)
    writeDns(writer, facts.dns)
    this.#payload(kind, bytes, record, facts)
    this.#call(header, record)
    this.#history(record)
    this.#socketId(record)
    this.#optional(header.tid === 0 ? null : header.tid)
    this.#optional(record.passedDescriptors === 0 ? null : record.passedDescriptors)
    writer.int(header.route)
    writer.int(remoteSource)
    writer.int(record.passedDescriptors === 0 ? PATH_SOURCE.unknown : PATH_SOURCE.argument)
    this.#origin.write(writer, header.cpu, header.seq, header.bootUs, wallUs)
    this.#raw.write(writer)
  }

  /** family, protocol, socketType, isServer. For a refused socket the requested values. */
  #socket(kind: number, record: SocketRecord): void {
    const { facts } = record
    const isRequested = !facts.isKnown && kind === KIND.socket
    this.#optional(facts.isKnown ? facts.family : isRequested ? record.family : null)
    this.#optional(facts.isKnown ? facts.protocol : isRequested ? record.protocol : null)
    this.#optional(facts.isKnown ? facts.type : isRequested ? record.type : null)
    this.#optionalBoolean(record.has(SOCKET_IS_SERVER) ? true : record.has(SOCKET_IS_CLIENT) ? false : null)
  }

  /** remoteAddress .. unixPath @returns remoteSource, an index of PATH_SOURCE */
  #ends(header: EventHeader, bytes: Uint8Array, record: SocketRecord, { nameOf }: NetworkFacts): number {
    const remote = remoteEnd(header, bytes, record)
    const local = localEnd(header, bytes, record)
    this.#end(remote)
    this.#end(local)
    this.#optionalText(remote === null ? null : nameOf(remote.address))
    this.#optionalText(local === null ? null : nameOf(local.address))
    const isUnix = !record.facts.isKnown || record.facts.family === AF_UNIX
    const unix = isUnix ? unixName(header, bytes, record) : null
    const path = unix?.name ?? null
    if (!writeOptionalText(this.writer, path) && path !== null) this.#raw.add('unixPath', path)
    const end = remote ?? unix ?? (header.kind === KIND.bind ? local : null)
    return end === null ? PATH_SOURCE.unknown : end.isGiven ? PATH_SOURCE.argument : PATH_SOURCE.kernel
  }

  #end(end: SocketEnd | null): void {
    this.#optionalText(end?.address ?? null)
    this.#optional(end?.port ?? null)
  }

  /** For DNS only payloads that could not be parsed. */
  #payload(kind: number, bytes: Uint8Array, { unixEnd, payloadEnd }: SocketRecord, { dns }: NetworkFacts): void {
    const isPresent = payloadEnd > unixEnd && (kind !== KIND.dns || dns === null)
    this.writer.int(isPresent ? 1 : 0)
    if (isPresent) this.writer.bytesSpan(bytes, unixEnd, payloadEnd)
  }

  /** size, flags, backlog */
  #call({ kind, syscall }: EventHeader, record: SocketRecord): void {
    const isData = kind === KIND.send || kind === KIND.receive
    this.#optional(isData ? record.size : null)
    this.#optional(isData || kind === KIND.socket || syscall === CALL_NUMBERS.accept4 ? record.callFlags : null)
    this.#optional(kind === KIND.listen ? record.backlog : null)
  }

  /** bytesSent .. roundTripUs */
  #history(record: SocketRecord): void {
    const counts = record.has(SOCKET_HAS_COUNTS)
    this.#optional(counts ? record.bytesSent : null)
    this.#optional(counts ? record.bytesReceived : null)
    this.#optional(counts ? record.packetsSent : null)
    this.#optional(counts ? record.packetsReceived : null)
    this.#optional(record.has(SOCKET_HAS_DURATION) ? record.durationUs : null)
    this.#optional(record.has(SOCKET_HAS_ROUND_TRIP) ? record.roundTripUs : null)
  }

  #socketId({ facts }: SocketRecord): void {
    const isKnown = (facts.cookieLow | facts.cookieHigh) !== 0
    this.writer.int(isKnown ? 1 : 0)
    if (isKnown) writeDecimal(this.writer, facts.cookieLow, facts.cookieHigh)
  }

  /** A number, or null. */
  #optional(value: number | null): void {
    this.writer.int(value === null ? 0 : 1)
    if (value !== null) this.writer.long(value)
  }

  #optionalBoolean(value: boolean | null): void {
    this.writer.int(value === null ? 0 : 1)
    if (value !== null) this.writer.boolean(value)
  }

  #optionalText(value: string | null): void {
    this.writer.int(value === null ? 0 : 1)
    if (value !== null) this.writer.text(value)
  }
}

function isConnected({ kind, syscall }: EventHeader, { facts }: SocketRecord): boolean | null {
  if (kind === KIND.close && syscall === NO_SYSCALL) return false
  return facts.isKnown ? CONNECTED_STATES.has(facts.state) : null
}

/** Writes the union of null and DnsMessage. */
function writeDns(writer: AvroWriter, message: DnsMessage | null): void {
  writer.int(message === null ? 0 : 1)
  if (message === null) return
  writer.boolean(message.isResponse)
  writer.text(message.questionName)
  writer.int(message.questionType)
  writer.int(message.responseCode === null ? 0 : 1)
  if (message.responseCode !== null) writer.int(message.responseCode)
  writer.blockStart(message.answers.length)
  for (const { name, type, ttlSeconds, value } of message.answers) {
    writer.text(name)
    writer.int(type)
    writer.long(ttlSeconds)
    writer.int(value === null ? 0 : 1)
    if (value !== null) writer.text(value)
  }
  writer.blockEnd()
  writer.boolean(message.answersTruncated)
}
