// IP addresses and networks as bytes.
import { isIPv4, isIPv6 } from 'node:net'

/** 4 or 16 bytes, as byte text. @throws TypeError for an invalid address */
export function addressBytes(text: string): string {
  if (isIPv4(text)) return String.fromCharCode(...text.split('.').map(Number))
  if (!isIPv6(text)) throw new TypeError(`no address: ${text}`)
  return String.fromCharCode(...groupsOf(text).flatMap((group) => [group >> 8, group & 0xff]))
}

/** True when the address is in the network (`10.0.0.0/8`, or a single address); never for another version of IP. */
export function isInNetwork(address: string, network: string): boolean {
  const [base = '', length] = network.split('/')
  const bytes = addressBytes(base)
  if (bytes.length !== address.length) return false
  const bits = length === undefined ? bytes.length * 8 : Number(length)
  for (let bit = 0; bit < bits; bit++) {
    const mask = 0x80 >> (bit % 8)
    if ((bytes.charCodeAt(bit >> 3) & mask) !== (address.charCodeAt(bit >> 3) & mask)) return false
  }
  return true
}

function groupsOf(text: string): number[] {
  const last = text.slice(text.lastIndexOf(':') + 1)
  const written = isIPv4(last) ? text.slice(0, -last.length) + dotted(last) : text
  const [head = '', tail] = written.split('::')
  const before = hexGroups(head)
  if (tail === undefined) return before
  const after = hexGroups(tail)
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
}

function hexGroups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

function dotted(text: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}
