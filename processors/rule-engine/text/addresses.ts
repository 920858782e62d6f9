// Addresses and networks as bytes: 4 for IPv4, 16 for IPv6. An address of one family never equals one of the other.
import { isIPv4, isIPv6 } from 'node:net'

/** An address and the number of its leading bits that count. */
export interface Network {
  /** Byte text, 4 or 16 long. */
  readonly address: string
  readonly prefixBits: number
}

/** Byte text of an address; null if the text is no address. */
export function parseAddress(text: string): string | null {
  if (isIPv4(text))
    return text
      .split('.')
      .map((part) => String.fromCharCode(Number(part)))
      .join('')
  return isIPv6(text) && !text.includes('%') ? parseIPv6(text) : null
}

/** `10.0.0.0/8`; null if the text is no network. */
export function parseNetwork(text: string): Network | null {
  const match = /^([^/]+)\/([0-9]{1,3})$/.exec(text)
  const address = match?.[1] === undefined ? null : parseAddress(match[1])
  const prefixBits = Number(match?.[2])
  return address === null || prefixBits > address.length * 8 ? null : { address, prefixBits }
}

export function isInNetwork(address: string, { address: base, prefixBits }: Network): boolean {
  if (address.length !== base.length) return false
  const wholeBytes = prefixBits >> 3
  if (!address.startsWith(base.slice(0, wholeBytes))) return false
  const mask = (0xff00 >> (prefixBits & 7)) & 0xff
  return mask === 0 || (address.charCodeAt(wholeBytes) & mask) === (base.charCodeAt(wholeBytes) & mask)
}

/** Text of an address for people. */
export function addressText(address: string): string {
  const bytes = [...address].map((char) => char.charCodeAt(0))
  if (bytes.length === 4) return bytes.join('.')
  const groups: string[] = []
  for (let i = 0; i < bytes.length; i += 2) groups.push((((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)).toString(16))
  return compress(groups)
}

/** Writes the longest run of zero groups as `::`. */
function compress(groups: readonly string[]): string {
  let best = { start: -1, length: 1 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === '0') length++
    if (length > best.length) best = { start, length }
  }
  if (best.start < 0) return groups.join(':')
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`
}

function parseIPv6(text: string): string {
  const [head = '', tail] = text.split('::')
  const before = groupsOf(head)
  const after = tail === undefined ? '' : groupsOf(tail)
  return before + '\0'.repeat(16 - before.length - after.length) + after
}

/** Bytes of colon-separated groups; the last may be an IPv4 address. */
function groupsOf(text: string): string {
  if (text === '') return ''
  return text
    .split(':')
    .map((group) => {
      if (group.includes('.')) return parseAddress(group) ?? ''
      const value = parseInt(group, 16)
      return String.fromCharCode(value >> 8, value & 0xff)
    })
    .join('')
}
