// A domain name out of a DNS message. The bytes are hostile: lengths lie, pointers lead in circles. Nothing is read outside of the message,
// and pointers must lead backwards, so every walk ends.
// @see RFC 1035 section 4.1.4, RFC 4343 section 2.1 (how bytes are written)

const POINTER = 0xc0
const MAX_NAME_BYTES = 255
const DOT = 0x2e
const BACKSLASH = 0x5c

/** A name, and where the message goes on behind it. */
export interface ReadName {
  readonly name: string
  readonly next: number
}

/** The name at `at`, without its last dot; the root is "". @returns null when there is none that is whole */
export function readName(message: Uint8Array, at: number): ReadName | null {
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

/** Bytes as text: printable ASCII as it is, each other byte as \DDD. @param isLabel a dot and a backslash are escaped too */
export function escapedText(message: Uint8Array, start: number, end: number, isLabel: boolean): string {
  let text = ''
  for (let at = start; at < end; at++) {
    const byte = message[at] ?? 0
    if (byte < 0x20 || byte > 0x7e) text += `\\${String(byte).padStart(3, '0')}`
    else if (isLabel && (byte === DOT || byte === BACKSLASH)) text += `\\${String.fromCharCode(byte)}`
    else text += String.fromCharCode(byte)
  }
  return text
}
