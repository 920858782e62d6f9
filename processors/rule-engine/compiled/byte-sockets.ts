// Sockets of network events in the bytes of a record, shown to their masks.
import type { SocketEnd, TextPlan } from '../fields/bytes/byte-plan.js'
import { AF_INET, AF_INET6, AF_UNIX, transportText } from '../fields/kernel-names/network-names.js'
import { parseAddress } from '../text/addresses.js'
import { taggedAddress } from './field-test.js'
import {
  ABSENT,
  endOf,
  only,
  PRESENT,
  startOf,
  UNKNOWN_YET,
  type Seen,
  type TextValue,
  type TextSink,
  type NumberSink,
} from './byte-text.js'
import { numberSlot, textSlot } from '../fields/bytes/record-slots.js'
import { NULL_TEXT, UNKNOWN_NUMBER, UNKNOWN_TEXT, type ScannedRecord } from '../fields/bytes/scanned-record.js'
import type { Symbols } from '../fields/bytes/symbols.js'

type SocketPlan = Extract<TextPlan, { readonly kind: 'socketKind' | 'address' | 'transport' | 'portText' | 'hostName' }>

const TYPE = numberSlot('type')
const FAMILY = numberSlot('family')
const PROTOCOL = numberSlot('protocol')
const SOCKET_TYPE = numberSlot('socketType')
const IS_SERVER = numberSlot('isServer')
const PORTS = { local: numberSlot('localPort'), remote: numberSlot('remotePort') }
const HOST_NAMES = { local: textSlot('localName'), remote: textSlot('remoteName') }
const ADDRESSES = { local: textSlot('localAddress'), remote: textSlot('remoteAddress') }
const DOT = 0x2e
const ZERO = 0x30

export function socketText(plan: SocketPlan, symbols: Symbols): TextValue {
  switch (plan.kind) {
    case 'socketKind':
      return socketKind(plan.form, symbols)
    case 'address':
      return addressValue(plan.end, symbols)
    case 'transport':
      return transport
    case 'portText':
      return atPlace(plan.end, symbols, portText)
    case 'hostName':
      return atPlace(plan.end, symbols, hostName)
  }
}

const word = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const KINDS = {
  char: { ipv4: word('4'), ipv6: word('6'), unix: word('u') },
  word: { ipv4: word('ipv4'), ipv6: word('ipv6'), unix: word('unix') },
  family: { ipv4: word('ip'), ipv6: word('ip'), unix: word('unix') },
}

function socketKind(form: 'char' | 'word' | 'family', { types }: Symbols): TextValue {
  const dns = types.indexOf('dns')
  const texts = KINDS[form]
  return (record, masks) => {
    // A DNS message has no descriptor, but ends.
    if (form !== 'family' && record.numbers[TYPE] === dns) return ABSENT
    const kind = kindOf(record)
    if (kind === null) return UNKNOWN_YET
    const text = texts[kind]
    return only(text, 0, text.length, masks)
  }
}

/** null for other families, and if the bytes do not say. */
function kindOf(record: ScannedRecord): 'ipv4' | 'ipv6' | 'unix' | null {
  const family = record.numbers[FAMILY]
  if (family === AF_INET) return 'ipv4'
  if (family === AF_UNIX) return 'unix'
  if (family !== AF_INET6) return null
  // IPv4 over a socket of IPv6 is IPv4.
  const slot = startOf(record, ADDRESSES.remote) === NULL_TEXT ? ADDRESSES.local : ADDRESSES.remote
  const start = startOf(record, slot)
  const address = start < 0 ? null : parseAddress(textAt(record.bytes, start, endOf(record, slot)))
  return address === null ? null : address.length === 4 ? 'ipv4' : 'ipv6'
}

function textAt({ buffer, byteOffset }: Uint8Array, start: number, end: number): string {
  return Buffer.from(buffer, byteOffset + start, end - start).toString('latin1')
}

/** Whether the socket is of IP; null if the bytes do not say. */
function isIp({ numbers }: ScannedRecord): boolean | null {
  const family = numbers[FAMILY] ?? UNKNOWN_NUMBER
  return family === UNKNOWN_NUMBER ? null : family === AF_INET || family === AF_INET6
}

/** The place of an end; null for none, undefined if the bytes do not say. */
type PlaceOf = (record: ScannedRecord) => 'local' | 'remote' | null | undefined

function placeOf(end: SocketEnd, { types }: Symbols): PlaceOf {
  if (end === 'local' || end === 'remote') return () => end
  const of = (names: readonly string[]): number[] => names.map((type) => types.indexOf(type))
  const clients = of(['connect', 'send'])
  const servers = of(['accept', 'listen', 'bind', 'receive'])
  const roleOf = ({ numbers }: ScannedRecord): 'client' | 'server' | null => {
    const isServer = numbers[IS_SERVER] ?? NaN
    if (!Number.isNaN(isServer)) return isServer === 1 ? 'server' : 'client'
    const type = numbers[TYPE] ?? -1
    return clients.includes(type) ? 'client' : servers.includes(type) ? 'server' : null
  }
  return (record) => {
    const remote = startOf(record, ADDRESSES.remote)
    if (remote === UNKNOWN_TEXT || record.numbers[IS_SERVER] === UNKNOWN_NUMBER) return undefined
    const own = remote === NULL_TEXT ? 'server' : roleOf(record)
    return own === null ? null : own === end ? 'local' : 'remote'
  }
}

const placesOf = (end: SocketEnd | 'either', symbols: Symbols): readonly PlaceOf[] =>
  (end === 'either' ? (['local', 'remote'] as const) : [end]).map((one) => placeOf(one, symbols))

function addressValue(end: SocketEnd | 'either', symbols: Symbols): TextValue {
  const places = placesOf(end, symbols)
  const address = new TaggedAddress()
  return (record, masks) => {
    const ip = isIp(record)
    if (ip !== true) return ip === null ? UNKNOWN_YET : ABSENT
    masks.begin()
    let seen: Seen = ABSENT
    for (const find of places) {
      const place = find(record)
      if (place === undefined) return UNKNOWN_YET
      const start = place === null ? NULL_TEXT : startOf(record, ADDRESSES[place])
      if (start === NULL_TEXT || place === null) continue
      if (start < 0) return UNKNOWN_YET
      if (!address.read(record.bytes, start, endOf(record, ADDRESSES[place]))) continue
      masks.add(address.bytes, 0, address.length)
      seen = PRESENT
    }
    return seen
  }
}

/** An address with its tag. */
class TaggedAddress {
  readonly bytes = new Uint8Array(17)
  length = 0

  /** @returns false for a text that is no address */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#readIpv4(bytes, start, end)) return true
    const address = parseAddress(textAt(bytes, start, end))
    if (address === null) return false
    for (const [at, char] of [...taggedAddress(address)].entries()) this.bytes[at] = char.charCodeAt(0)
    this.length = 1 + address.length
    return true
  }

  /** The usual form of an address of IPv4. */
  #readIpv4(bytes: Uint8Array, start: number, end: number): boolean {
    let part = 0
    let digits = 0
    let value = 0
    for (let at = start; at <= end; at++) {
      const byte = at === end ? DOT : (bytes[at] ?? 0)
      if (byte === DOT) {
        if (digits === 0 || part === 4) return false
        this.bytes[++part] = value
        digits = value = 0
        continue
      }
      const digit = byte - ZERO
      // A zero in front is no usual form.
      if (digit < 0 || digit > 9 || (digits > 0 && value === 0)) return false
      value = value * 10 + digit
      digits++
      if (value > 255) return false
    }
    this.bytes[0] = part
    this.length = 1 + part
    return part === 4
  }
}

type Place = 'local' | 'remote'

/** A value at an end of an IP socket. */
function atPlace(end: SocketEnd, symbols: Symbols, value: (record: ScannedRecord, masks: TextSink, place: Place) => Seen): TextValue {
  const find = placeOf(end, symbols)
  return (record, masks) => {
    const ip = isIp(record)
    if (ip !== true) return ip === null ? UNKNOWN_YET : ABSENT
    const place = find(record)
    return place === undefined ? UNKNOWN_YET : place === null ? ABSENT : value(record, masks, place)
  }
}

function portText({ numbers }: ScannedRecord, masks: TextSink, place: Place): Seen {
  const port = numbers[PORTS[place]] ?? UNKNOWN_NUMBER
  if (Number.isNaN(port)) return ABSENT
  if (port === UNKNOWN_NUMBER) return UNKNOWN_YET
  const text = word(String(port))
  return only(text, 0, text.length, masks)
}

function hostName(record: ScannedRecord, masks: TextSink, place: Place): Seen {
  const start = startOf(record, HOST_NAMES[place])
  if (start < 0) return start === NULL_TEXT ? ABSENT : UNKNOWN_YET
  return only(record.bytes, start, endOf(record, HOST_NAMES[place]), masks)
}

export function portValue(end: SocketEnd | 'either', symbols: Symbols): (record: ScannedRecord, masks: NumberSink) => Seen {
  const places = placesOf(end, symbols)
  return (record, masks) => {
    const ip = isIp(record)
    if (ip !== true) return ip === null ? UNKNOWN_YET : ABSENT
    masks.begin()
    let seen: Seen = ABSENT
    for (const find of places) {
      const place = find(record)
      const port = place === null ? NaN : place === undefined ? UNKNOWN_NUMBER : (record.numbers[PORTS[place]] ?? UNKNOWN_NUMBER)
      if (port === UNKNOWN_NUMBER) return UNKNOWN_YET
      if (Number.isNaN(port)) continue
      masks.addNumber(port)
      seen = PRESENT
    }
    return seen
  }
}

const transport: TextValue = (record, masks) => {
  const ip = isIp(record)
  if (ip !== true) return ip === null ? UNKNOWN_YET : ABSENT
  const protocol = record.numbers[PROTOCOL] ?? UNKNOWN_NUMBER
  const type = record.numbers[SOCKET_TYPE] ?? UNKNOWN_NUMBER
  if (protocol === UNKNOWN_NUMBER || type === UNKNOWN_NUMBER) return UNKNOWN_YET
  const text = transportText(Number.isNaN(type) ? null : type, Number.isNaN(protocol) ? null : protocol)
  if (text === null) return ABSENT
  const bytes = Buffer.from(text, 'latin1')
  return only(bytes, 0, bytes.length, masks)
}
