// What the formats of an alert share: identities, times, and the two ends of a connection. Each format names them in its own words.
import { createHash } from 'node:crypto'
import type { Alert, NetworkSummary, Origin } from './generated/types.js'

/** Protocols of IP that people know by name, with IANA's keywords. */
export const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'ipv6-icmp', 132: 'sctp' }

/** `hostId/bootId/epoch/topic/cpu/seq` of the event. */
export function eventIdOf({ origin, eventTopic }: Alert): string {
  return eventIdOfOrigin(origin, eventTopic)
}

/** The same of any record. @param topic name of its topic */
export function eventIdOfOrigin({ hostId, bootId, epoch, cpu, seq }: Origin, topic: string): string {
  return [hostId, bootId, epoch, topic, cpu, seq].join('/')
}

/** `hostId/bootId/pid/start` of a process of the host. */
export function processIdOf(
  { hostId, bootId }: Origin,
  { pid, startBootUs }: { readonly pid: number; readonly startBootUs: number },
): string {
  return [hostId, bootId, pid, startBootUs].join('/')
}

/** Unix time of a time since boot, microseconds. */
export function wallTimeOf({ wallTimeUs, bootTimeUs }: Origin, bootUs: number): number {
  return wallTimeUs - bootTimeUs + bootUs
}

/** ISO 8601 in UTC with microseconds, as RFC 3339, RFC 5424 and Elastic take it. */
export function isoMicroseconds(us: number): string {
  const ms = Math.floor(us / 1000)
  return new Date(ms).toISOString().replace('Z', `${String(us - ms * 1000).padStart(3, '0')}Z`)
}

/** One end of a connection. */
export interface ConnectionEnd {
  readonly address: string | null
  readonly port: number | null
  readonly domain: string | null
}

/** Both ends; source is who connected, or the local end where that is not known. Of a DNS message, the domain is the question's and has no end. */
export function connectionEndsOf(network: NetworkSummary, eventType: string): { source: ConnectionEnd; destination: ConnectionEnd } {
  const local = { address: network.localAddress, port: network.localPort, domain: null }
  const domain = eventType === 'dns' ? null : network.domain
  const remote = { address: network.remoteAddress, port: network.remotePort, domain }
  return network.isServer === true ? { source: remote, destination: local } : { source: local, destination: remote }
}

/** The identity of an alert for receivers: its alertId, or a hash of one that is not 32 hex digits, as another writer of the topic could choose. */
export function stableIdOf({ alertId }: Alert): string {
  return /^[0-9a-f]{32}$/.test(alertId) ? alertId : createHash('sha256').update(alertId).digest('hex').slice(0, 32)
}

/** `10.0.0.2:40312 -> 203.0.113.7:443 (shop.example) tcp`, client first if known; empty if neither end is known. Untrusted text. */
export function connectionText(connection: NetworkSummary): string {
  const { localAddress, localPort, remoteAddress, remotePort, unixPath, protocol, isServer, domain } = connection
  if (unixPath !== null) return unixPath
  const local = endText(localAddress, localPort)
  const remote = `${endText(remoteAddress, remotePort)}${domain === null ? '' : ` (${domain})`}`
  const ends = (isServer === true ? [remote, local] : [local, remote]).filter((end) => end !== '')
  if (ends.length === 0) return ''
  const name = PROTOCOL_NAMES[protocol ?? -1]
  return `${ends.join(' -> ')}${name === undefined ? '' : ` ${name}`}`
}

function endText(address: string | null, port: number | null): string {
  if (address === null) return ''
  if (port === null) return address
  return `${address.includes(':') ? `[${address}]` : address}:${String(port)}`
}
