// Network numbers by name: socket families (`AF_INET`, include/linux/socket.h), transport protocols as `fd.l4proto` names them,
// DNS types and response codes (RFC 1035, 3596, 2782, 9460 and the IANA registry).

const SOCKET_FAMILIES = (
  'UNSPEC UNIX INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE DECnet NETBEUI SECURITY KEY NETLINK PACKET ASH ECONET ATMSVC ' +
  'RDS SNA IRDA PPPOX WANPIPE LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC ISDN PHONET IEEE802154 CAIF ALG NFC VSOCK KCM QIPCRTR SMC XDP MCTP'
)
  .split(' ')
  .map((name) => `AF_${name}`)

/** Families that fields distinguish. */
export const AF_UNIX = 1
export const AF_INET = 2
export const AF_INET6 = 10
export const AF_NETLINK = 16
export const AF_PACKET = 17

const SOCK_TYPE_MASK = 0xf
const SOCK_STREAM = 1
const SOCK_DGRAM = 2
const SOCK_RAW = 3
const IPPROTO_ICMP = 1
const IPPROTO_TCP = 6
const IPPROTO_UDP = 17
const IPPROTO_ICMPV6 = 58

/** Families with two names: rules search for either, and Falco's older name comes first. */
const TWO_NAMES: ReadonlyMap<number, string> = new Map([
  [AF_UNIX, 'AF_LOCAL|AF_UNIX'],
  [AF_NETLINK, 'AF_ROUTE|AF_NETLINK'],
])

/** Empty for a family without a name. */
export function socketFamilyText(family: number): string {
  return TWO_NAMES.get(family) ?? SOCKET_FAMILIES[family] ?? ''
}

/**
 * Transport of an IP socket: `tcp`, `udp`, `icmp`, `raw`; null for any other.
 * @param type of the socket, possibly with flags; null if it is not known
 * @param protocol IP protocol, 0 for the default of the type; null if it is not known
 */
export function transportText(type: number | null, protocol: number | null): string | null {
  const kind = type === null ? null : type & SOCK_TYPE_MASK
  if (kind === SOCK_RAW) return 'raw'
  switch (protocol) {
    case IPPROTO_TCP:
      return 'tcp'
    case IPPROTO_UDP:
      return 'udp'
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return 'icmp'
    case 0:
    case null:
      return kind === SOCK_STREAM ? 'tcp' : kind === SOCK_DGRAM ? 'udp' : null
    default:
      return null
  }
}

const DNS_TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [10, 'NULL'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [35, 'NAPTR'],
  [43, 'DS'],
  [46, 'RRSIG'],
  [48, 'DNSKEY'],
  [64, 'SVCB'],
  [65, 'HTTPS'],
  [252, 'AXFR'],
  [255, 'ANY'],
  [257, 'CAA'],
])
const DNS_CODES = 'NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET NOTAUTH NOTZONE'.split(' ')

/** Name of a type of DNS records, else its number. */
export function dnsTypeText(type: number): string {
  return DNS_TYPES.get(type) ?? String(type)
}

/** Name of the code of an answer, else its number. */
export function dnsCodeText(code: number): string {
  return DNS_CODES[code] ?? String(code)
}
