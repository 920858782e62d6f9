// Ports by service name, for rules that use names. The table is built in instead of read from /etc/services, because a rule must mean the same on
// every host.

const PORTS: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  tftp: 69,
  http: 80,
  www: 80,
  kerberos: 88,
  pop3: 110,
  sunrpc: 111,
  ntp: 123,
  imap2: 143,
  imap: 143,
  snmp: 161,
  bgp: 179,
  ldap: 389,
  https: 443,
  'microsoft-ds': 445,
  submission: 587,
  ldaps: 636,
  imaps: 993,
  pop3s: 995,
  mysql: 3306,
  postgresql: 5432,
  amqp: 5672,
  redis: 6379,
  'http-alt': 8080,
}

/** The port of a service; null for an unknown name. */
export function portOfService(name: string): number | null {
  return Object.hasOwn(PORTS, name) ? (PORTS[name] ?? null) : null
}

const SERVICES: ReadonlyMap<number, string> = new Map(
  Object.entries(PORTS)
    .reverse() // of two names of a port the first one is kept
    .map(([name, port]) => [port, name]),
)

/** Well-known name of a port; null for none. */
export function serviceOfPort(port: number): string | null {
  return SERVICES.get(port) ?? null
}
