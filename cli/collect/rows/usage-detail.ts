// What an aggregate counts, for people: calls, a file and its bytes, traffic with another side, checks of capabilities.
import type { CapabilityUse, FileUsage, SyscallCount, TcpUsage, UsageRecord } from '../../../schemas/generated/types.js'

/** In a few words; whose sum it is stands in front of one that is nobody's alone. Paths are anybody's: the caller makes them harmless. */
export function usageDetailOf(record: UsageRecord): string {
  return `${sumOf(record)}${countsOf(record)}`
}

/** `read 12, openat (compat32) 3`; of those that were seen only the names. */
export function callsText(calls: readonly SyscallCount[]): string {
  return calls
    .map(({ name, abi, count }) => `${name}${abi === 'native' ? '' : ` (${abi})`}${count === null ? '' : ` ${String(count)}`}`)
    .join(', ')
}

/** `CAP_SYS_ADMIN 3 granted, CAP_NET_RAW 1 denied`. */
export function capabilitiesText(capabilities: readonly CapabilityUse[]): string {
  return capabilities
    .flatMap(({ name, granted, denied }) => [
      ...(granted > 0 ? [`${name} ${String(granted)} granted`] : []),
      ...(denied > 0 ? [`${name} ${String(denied)} denied`] : []),
    ])
    .join(', ')
}

function sumOf({ scope, aggregates }: UsageRecord): string {
  if (scope === 'rest') return `sum of ${String(aggregates)} others: `
  return scope === 'overflow' ? 'found no room: ' : ''
}

function countsOf({ calls, syscalls, file, tcp, capabilities }: UsageRecord): string {
  if (file !== null) return fileText(file)
  if (tcp !== null) return tcpText(tcp)
  if (capabilities !== null) return capabilitiesText(capabilities)
  return syscalls === null ? `${String(calls)} calls` : callsText(syscalls)
}

function fileText({ path, reads, writes, bytesRead, bytesWritten }: FileUsage): string {
  const counts = `${String(reads)} reads of ${String(bytesRead)} bytes, ${String(writes)} writes of ${String(bytesWritten)} bytes`
  return path === null ? counts : `${path} ${counts}`
}

function tcpText({ remoteAddress, port, isServer, opened, failed, closed, open, bytesSent, bytesReceived }: TcpUsage): string {
  const bytes = `${String(bytesSent)} bytes sent, ${String(bytesReceived)} received`
  const connections = `${String(opened)} opened, ${String(failed)} failed, ${String(closed)} closed, ${String(open)} open`
  if (remoteAddress === null) return `${bytes}; ${connections}`
  const other = remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress
  const ends = isServer === true ? `from ${remoteAddress} to port ${String(port)}` : `${other}:${String(port)}`
  return `${ends} ${bytes}; ${connections}`
}
