// The values of an alert that people search for across findings, as OCSF observables. `type` is OCSF's caption of the type; `type_id` is 99,
// because the published JSON schema of 1.8 allows no other number but 0.
import type { Alert } from '../generated/types.js'
import type { Json } from './process-objects.js'

const OTHER = 99

/** Each value once for each place. */
export function observablesOf({ origin, process, containerId, container, path, network, kernel }: Alert): Json[] {
  const isInbound = network?.isServer === true
  const found: readonly (readonly [name: string, type: string, value: string | number | null | undefined])[] = [
    ['device.hostname', 'Hostname', origin.hostName],
    ['actor.process.name', 'Process Name', process.name],
    ['actor.process.pid', 'Process ID', process.pid],
    ['actor.process.file.path', 'File Path', process.exePath],
    ['actor.process.file.hashes[].value', 'Hash', process.exeSha256],
    ['actor.process.parent_process.name', 'Process Name', process.ancestors[0]?.name],
    ['actor.user.name', 'User Name', process.user],
    ['actor.process.container.uid', 'Resource UID', containerId],
    ['actor.process.container.image.name', 'Container', container?.image],
    ['evidences[].file.path', 'File Path', path ?? network?.unixPath],
    [`evidences[].${isInbound ? 'src' : 'dst'}_endpoint.ip`, 'IP Address', network?.remoteAddress],
    [`evidences[].${isInbound ? 'src' : 'dst'}_endpoint.port`, 'Port', network?.remoteAddress === null ? null : network?.remotePort],
    [`evidences[].${isInbound ? 'src' : 'dst'}_endpoint.domain`, 'Hostname', network?.domain],
    [`evidences[].${isInbound ? 'dst' : 'src'}_endpoint.ip`, 'IP Address', network?.localAddress],
    ['evidences[].process.pid', 'Process ID', kernel?.targetPid],
  ]
  return found.flatMap(([name, type, value]) =>
    value === null || value === undefined || value === '' ? [] : [{ name, type, type_id: OTHER, value: String(value) }],
  )
}
