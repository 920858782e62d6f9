// What an alert says of its event besides process and file: the connection of a network event, the object of a kernel event.
// A SIEM maps these by name; what else a rule wants told is in its output.
import type { KernelEvent, KernelSummary, NetworkEvent, NetworkSummary } from '../../../schemas/generated/types.js'
import type { RuleRecord } from '../fields/judged-event.js'

/** The connection of a network event, or of the socket that a dup copied; null for all others. */
export function networkSummaryOf(event: RuleRecord): NetworkSummary | null {
  if (event.topic === 'network') return summaryOf(event.record, event.record.unixPath, domainOf(event.record))
  // Of the kinds of kernel events only dup has a socket.
  if (event.topic === 'kernel' && event.record.family !== null) return summaryOf(event.record, null, null)
  return null
}

/** What a kernel event acted on; null for all others. */
export function kernelSummaryOf(event: RuleRecord): KernelSummary | null {
  if (event.topic !== 'kernel') return null
  const { targetPid, targetName, request, flags, source, fsType, name, signal } = event.record
  return { targetPid, targetName, request, flags, source, fsType, name, signal }
}

function summaryOf(socket: NetworkEvent | KernelEvent, unixPath: string | null, domain: string | null): NetworkSummary {
  const { localAddress, localPort, remoteAddress, remotePort, family, protocol, isServer } = socket
  return { localAddress, localPort, remoteAddress, remotePort, unixPath, family, protocol, isServer, domain }
}

/** Of a DNS message the name asked for: its remote side is only the server that was asked. */
function domainOf({ dns, remoteName }: NetworkEvent): string | null {
  return dns?.questionName ?? remoteName
}
