// Parses one DNS message, from a datagram or from a stream without its length prefix: the question and its answers. Anyone may send anything from
// port 53: invalid messages return null, truncated ones are marked, and nothing throws.
// @see RFC 1035 section 4
import type { DnsAnswer, DnsMessage } from '../../schemas/generated/types.js'
import { addressText } from '../encoder/address-text.js'

/** Most answers stored of one message; a message with more is marked as truncated. */
export const MAX_ANSWERS = 64

const HEADER_BYTES = 12
/** Bits of the second 16-bit word. */
const RESPONSE = 0x8000
const TRUNCATED = 0x0200
const OPCODE = 0x7800
const CODE = 0x000f
/** Type, class, time to live, length of the data. */
const RECORD_BYTES = 10

/** Types of records that have a value. */
const TYPE = { a: 1, ns: 2, cname: 5, ptr: 12, mx: 15, txt: 16, aaaa: 28, srv: 33 } as const
/** Offset of the name within the data of types that have one. */
const NAME_AT: ReadonlyMap<number, number> = new Map([
  [TYPE.ns, 0],
  [TYPE.cname, 0],
  [TYPE.ptr, 0],
  [TYPE.mx, 2],
  [TYPE.srv, 6],
])
const AF_INET = 2
const AF_INET6 = 10

/** Parses a message. @returns null for bytes that are neither a query with a question nor a response to one */
export function readDnsMessage(message: Uint8Array): DnsMessage | null {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  if (message.length < HEADER_BYTES) return null
  const flags = view.getUint16(2)
  const question = view.getUint16(4) === 0 || (flags & OPCODE) !== 0 ? null : readName(message, HEADER_BYTES)
  if (question === null || question.next + 4 > message.length) return null
  const isResponse = (flags & RESPONSE) !== 0
  const answers: DnsAnswer[] = []
  const wanted = isResponse ? view.getUint16(6) : 0
  let at = skipQuestions(message, question.next + 4, view.getUint16(4) - 1)
  while (answers.length < Math.min(wanted, MAX_ANSWERS)) {
    const read = readAnswer(message, view, at)
    if (read === null) break
    answers.push(read.answer)
    at = read.next
  }
  return {
    isResponse,
    questionName: question.name,
    questionType: view.getUint16(question.next),
    responseCode: isResponse ? flags & CODE : null,
    answers,
    answersTruncated: isResponse && ((flags & TRUNCATED) !== 0 || answers.length < wanted),
  }
}

/** Position after `count` more questions, which no resolver sends; the end of the message if they are incomplete. */
function skipQuestions(message: Uint8Array, at: number, count: number): number {
  let position = at
  for (let left = count; left > 0; left--) {
    const name = readName(message, position)
    if (name === null) return message.length
    position = name.next + 4
  }
  return position
}

function readAnswer(message: Uint8Array, view: DataView, at: number): { readonly answer: DnsAnswer; readonly next: number } | null {
  const owner = readName(message, at)
  if (owner === null || owner.next + RECORD_BYTES > message.length) return null
  const type = view.getUint16(owner.next)
  const start = owner.next + RECORD_BYTES
  const end = start + view.getUint16(start - 2)
  if (end > message.length) return null
  return {
    answer: { name: owner.name, type, ttlSeconds: view.getUint32(owner.next + 4), value: valueOf(message, type, start, end) },
    next: end,
  }
}

function valueOf(message: Uint8Array, type: number, start: number, end: number): string | null {
  if (type === TYPE.a) return end - start === 4 ? addressText(message, start, AF_INET) : null
  if (type === TYPE.aaaa) return end - start === 16 ? addressText(message, start, AF_INET6) : null
  if (type === TYPE.txt) return textOf(message, start, end)
  const nameAt = NAME_AT.get(type)
  return nameAt === undefined || start + nameAt >= end ? null : (readName(message, start + nameAt)?.name ?? null)
}

/** The concatenated strings of a TXT record. */
function textOf(message: Uint8Array, start: number, end: number): string | null {
  let text = ''
  for (let at = start; at < end;) {
    const next = at + 1 + (message[at] ?? 0)
    if (next > end) return null
    text += escapedText(message, at + 1, next, false)
    at = next
  }
  return text
}

const POINTER = 0xc0
const MAX_NAME_BYTES = 255
const DOT = 0x2e
const BACKSLASH = 0x5c

/** A name, and the position after it. */
interface ReadName {
  readonly name: string
  readonly next: number
}

/** The name at `at`, without its last dot; the root is "". @returns null if it is incomplete */
function readName(message: Uint8Array, at: number): ReadName | null {
  const labels: string[] = []
  let next = -1
  let bytes = 1
  let start = at
  for (let position = at; ;) {
    const length = message[position]
    if (length === undefined) return null
    if (length === 0) return { name: labels.join('.'), next: next < 0 ? position + 1 : next }
    if ((length & POINTER) === POINTER) {
      const low = message[position + 1]
      if (low === undefined) return null
      if (next < 0) next = position + 2
      position = ((length & ~POINTER) << 8) | low
      if (position >= start) return null
      start = position
      continue
    }
    bytes += length + 1
    if ((length & POINTER) !== 0 || bytes > MAX_NAME_BYTES || position + 1 + length > message.length) return null
    labels.push(escapedText(message, position + 1, position + 1 + length, true))
    position += 1 + length
  }
}

/** Bytes as text: printable ASCII unchanged, each other byte as \DDD. @param isLabel also escapes dot and backslash */
function escapedText(message: Uint8Array, start: number, end: number, isLabel: boolean): string {
  let text = ''
  for (let at = start; at < end; at++) {
    const byte = message[at] ?? 0
    if (byte < 0x20 || byte > 0x7e) text += `\\${String(byte).padStart(3, '0')}`
    else if (isLabel && (byte === DOT || byte === BACKSLASH)) text += `\\${String.fromCharCode(byte)}`
    else text += String.fromCharCode(byte)
  }
  return text
}
