// What an alert rests on, as OCSF evidences: the process with its lineage, the file, the connection or question, and the process acted upon.
import { type ConnectionEnd, connectionEndsOf, PROTOCOL_NAMES } from '../alert-parts.js'
import type { Alert, NetworkSummary } from '../generated/types.js'
import { fileOf, type Json, processOf } from './process-objects.js'

const LOCAL_SOCKET = 5
const PROTOCOL_VERSIONS: Readonly<Record<number, number>> = { 2: 4, 10: 6 }
const DIRECTIONS = { unknown: 0, inbound: 1, outbound: 2 }

/** At least one. */
export function evidencesOf(alert: Alert, container: Json | undefined): Json[] {
  const { path, network, kernel, eventType } = alert
  const unixPath = network?.unixPath ?? null
  const evidence: Json = {
    process: processOf(alert),
    file: path !== null ? fileOf(path) : unixPath !== null ? fileOf(unixPath, LOCAL_SOCKET) : undefined,
    container,
    data: kernel ?? undefined,
  }
  if (network !== null) Object.assign(evidence, connectionOf(network, eventType))
  if (kernel === null || kernel.targetPid === null) return [evidence]
  return [evidence, { name: 'target', process: { pid: kernel.targetPid, name: kernel.targetName ?? undefined } }]
}

/** Both ends of a connection, or the name that was asked for. */
export function connectionOf(network: NetworkSummary, eventType: string): Json {
  const { isServer, protocol, family, domain } = network
  const { source, destination } = connectionEndsOf(network, eventType)
  return {
    connection_info: {
      direction_id: isServer === null ? DIRECTIONS.unknown : isServer ? DIRECTIONS.inbound : DIRECTIONS.outbound,
      protocol_num: protocol ?? undefined,
      protocol_name: PROTOCOL_NAMES[protocol ?? -1],
      protocol_ver_id: PROTOCOL_VERSIONS[family ?? -1] ?? 0,
    },
    src_endpoint: endpoint(source),
    dst_endpoint: endpoint(destination),
    query: eventType === 'dns' && domain !== null ? { hostname: domain } : undefined,
  }
}

/** OCSF requires a name of the end. */
function endpoint({ address, port, domain }: ConnectionEnd): Json | undefined {
  if (address === null && domain === null) return undefined
  return { ip: address ?? undefined, port: port ?? undefined, domain: domain ?? undefined }
}
