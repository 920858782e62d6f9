// The object of a network or kernel event in a few words: both ends of a connection, a mount, a target process.
// Texts of events are untrusted; the caller escapes them.
import type { DnsMessage, KernelSummary } from './generated/types.js'

/** Types of DNS records that people know by name. */
const DNS_TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [65, 'HTTPS'],
])

/** `shop.example A: 203.0.113.7`, or `shop.example A?` for a question. */
export function dnsText({ questionName, questionType, isResponse, responseCode, answers }: DnsMessage): string {
  const question = `${questionName} ${DNS_TYPES.get(questionType) ?? `type ${String(questionType)}`}`
  if (!isResponse) return `${question}?`
  if (responseCode !== null && responseCode !== 0) return `${question}: error ${String(responseCode)}`
  return `${question}: ${answers.flatMap(({ value }) => value ?? []).join(', ')}`
}

/** `/dev/sda1 on /mnt (ext4)`, `nginx (pid 4250)`, `nvidia`, ...; empty if the event has no object. */
export function kernelObjectText({ targetPid, targetName, source, fsType, name, signal }: KernelSummary, path: string | null): string {
  const place = source === null || path === null ? (path ?? source) : `${source} on ${path}`
  const parts = [
    place === null ? null : `${place}${fsType === null ? '' : ` (${fsType})`}`,
    name,
    targetPid === null ? null : `${targetName ?? '?'} (pid ${String(targetPid)})`,
    signal === null ? null : `signal ${String(signal)}`,
  ]
  return parts.filter((part) => part !== null).join(', ')
}
