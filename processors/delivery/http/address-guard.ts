// Which addresses a sink may connect to. A webhook whose name resolves to an address of the own network would be a way into it (SSRF), so the
// address that is really connected to is checked: the lookup of the connection itself, or the literal in the URL.
import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Private, shared, loopback, link-local (with the metadata services of clouds), multicast, reserved. @see https://www.iana.org/assignments/iana-ipv4-special-registry */
const REFUSED_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
  ...['192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]
/** Addresses that hold one of IPv4 (mapped, NAT64, 6to4, Teredo) are refused as a whole: no receiver needs them. */
const REFUSED_IPV6 = [
  ...['::/96', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16'],
  ...['3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
]

// Two lists: Node takes an IPv4 address for one of the mapped range of IPv6.
const REFUSED = { 4: blockList(REFUSED_IPV4, 'ipv4'), 6: blockList(REFUSED_IPV6, 'ipv6') }

function blockList(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/')
    list.addSubnet(network, Number(prefix), family)
  }
  return list
}

/** The address is on the public internet. */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '')
  const family = isIP(bare)
  if (family === 4) return !REFUSED[4].check(bare, 'ipv4')
  return family === 6 && !REFUSED[6].check(bare, 'ipv6')
}

/** The host of a URL is an address that is not public. A name is checked when it is resolved. */
export function isRefusedLiteral(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '')
  return isIP(bare) !== 0 && !isPublicAddress(bare)
}

/** No address of the name may be connected to. */
export class AddressRefusedError extends Error {}

/** A lookup of node:net that gives only public addresses. @param resolve default: that of the system */
export function publicLookup(resolve: typeof dnsLookup = dnsLookup): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      const addresses: readonly LookupAddress[] = error === null ? found.filter(({ address }) => isPublicAddress(address)) : []
      const [first] = addresses
      if (error !== null) callback(error, '', 0)
      else if (first === undefined) callback(refusal(hostname), '', 0)
      else if (options.all === true) callback(null, [...addresses])
      else callback(null, first.address, first.family)
    })
  }
}

/** Why a private host is refused, and what to do. */
export function refusal(hostname: string): AddressRefusedError {
  return new AddressRefusedError(
    `${hostname} is a private, loopback or link-local address: set allowPrivate: true if the receiver is there`,
  )
}
