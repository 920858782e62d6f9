// Types and answer codes of DNS by name (RFC 1035, 3596, 2782, 9460 and IANA's registry).

const TYPES: ReadonlyMap<number, string> = new Map([
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
const CODES = 'NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET NOTAUTH NOTZONE'.split(' ')

/** Name of a type of DNS records, else its number. */
export function dnsTypeText(type: number): string {
  return TYPES.get(type) ?? String(type)
}

/** Name of the code of an answer, else its number. */
export function dnsCodeText(code: number): string {
  return CODES[code] ?? String(code)
}
