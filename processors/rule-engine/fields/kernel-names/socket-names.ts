// Families of sockets as text (include/linux/socket.h): `AF_INET`. Types and protocols too, as `fd.l4proto` and `evt.arg` name them.

const FAMILIES = (
  'UNSPEC UNIX INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE DECnet NETBEUI SECURITY KEY NETLINK PACKET ASH ECONET ATMSVC ' +
  'RDS SNA IRDA PPPOX WANPIPE LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC ISDN PHONET IEEE802154 CAIF ALG NFC VSOCK KCM QIPCRTR SMC XDP MCTP'
)
  .split(' ')
  .map((name) => `AF_${name}`)

/** Families that fields tell apart. */
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

/** Families with two names: rules look for either, and Falco's older one stands first. */
const TWO_NAMES: ReadonlyMap<number, string> = new Map([
  [AF_UNIX, 'AF_LOCAL|AF_UNIX'],
  [AF_NETLINK, 'AF_ROUTE|AF_NETLINK'],
])

/** Empty for a family without a name. */
export function socketFamilyText(family: number): string {
  return TWO_NAMES.get(family) ?? FAMILIES[family] ?? ''
}

/**
 * Transport of an IP socket: `tcp`, `udp`, `icmp`, `raw`; null for any other.
 * @param type of the socket, maybe with its flags; null when it is not known
 * @param protocol IP protocol, 0 for the type's own; null when it is not known
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
