// IP addresses in canonical text form: IPv4 with dots, IPv6 as in RFC 5952, IPv4-mapped IPv6 as IPv4.
// @see https://www.rfc-editor.org/rfc/rfc5952

const AF_INET = 2
const AF_INET6 = 10
const GROUPS = 8

/** @param family AF_INET or AF_INET6. @returns null for any other family */
export function addressText(bytes: Uint8Array, at: number, family: number): string | null {
  if (family === AF_INET) return ipv4Text(bytes, at)
  if (family !== AF_INET6) return null
  return isMapped(bytes, at) ? ipv4Text(bytes, at + 12) : ipv6Text(bytes, at)
}

function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${String(bytes[at])}.${String(bytes[at + 1])}.${String(bytes[at + 2])}.${String(bytes[at + 3])}`
}

/** ::ffff:0:0/96 */
function isMapped(bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < 10; index++) if (bytes[at + index] !== 0) return false
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff
}

function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups = Array.from({ length: GROUPS }, (_, index) => ((bytes[at + 2 * index] ?? 0) << 8) | (bytes[at + 2 * index + 1] ?? 0))
  const { start, length } = longestZeros(groups)
  const text = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(':')
  if (length < 2) return text(groups)
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`
}

/** The first of the longest runs of zeros. */
function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < GROUPS; start++) {
    let end = start
    while (groups[end] === 0) end++
    if (end - start > best.length) best = { start, length: end - start }
  }
  return best
}
