// Process, user, container and file of an alert as objects of OCSF. What is undefined in them is absent in the JSON.
import { processIdOf, wallTimeOf } from '../alert-parts.js'
import type { Alert, Ancestor, ContainerFacts, Process } from '../generated/types.js'

/** An object of a finding. */
export type Json = Record<string, unknown>

const FILE_UNKNOWN = 0

/** Who acted: an alert, or an event. */
export type Acting = Pick<Alert, 'process' | 'origin'>

/** The process with its lineage, as evidence. */
export function processOf({ process, origin }: Acting): Json {
  const entity = (one: Pick<Ancestor, 'pid' | 'startBootUs' | 'name' | 'exePath'>, commandLine?: string): Json => ({
    pid: one.pid,
    uid: processIdOf(origin, one),
    name: one.name,
    created_time: milliseconds(wallTimeOf(origin, one.startBootUs)),
    path: one.exePath ?? undefined,
    cmd_line: commandLine,
  })
  const [parent] = process.ancestors
  const own = entity(process, process.args.join(' '))
  own['file'] = process.exePath === null ? undefined : fileOf(process.exePath, FILE_UNKNOWN, process.exeSha256)
  own['parent_process'] = parent === undefined ? { pid: process.parentPid } : entity(parent, process.parentArgs.join(' '))
  own['ancestry'] = process.ancestors.map((one) => entity(one))
  return own
}

/** The process that acted, with user, session, environment and container. */
export function actorProcessOf(alert: Acting, container: Json | undefined): Json {
  const { process } = alert
  const own = processOf(alert)
  own['namespace_pid'] = process.namespacePid
  own['user'] = userOf(process)
  own['session'] = { uid: String(process.sessionId), terminal: process.tty === null ? undefined : String(process.tty) }
  own['working_directory'] = process.cwd ?? undefined
  own['container'] = container
  own['environment_variables'] = process.env?.map(variableOf)
  return own
}

function variableOf(text: string): Json {
  const at = text.indexOf('=')
  return at < 0 ? { name: text, value: '' } : { name: text.slice(0, at), value: text.slice(at + 1) }
}

/** The real user and group. */
export function userOf({ uid, user, gid, group }: Process): Json {
  return { uid: String(uid), name: user ?? undefined, groups: [{ uid: String(gid), name: group ?? undefined }] }
}

/** Undefined on the host; the id alone while facts are absent. */
export function containerOf({ containerId, container }: Pick<Alert, 'containerId' | 'container'>): Json | undefined {
  if (containerId === null) return undefined
  return container === null ? { uid: containerId } : factsOf(containerId, container)
}

function factsOf(uid: string, { name, image, imageId, imageRepository, imageTag, imageDigest, labels, pod }: ContainerFacts): Json {
  return {
    uid,
    name,
    image: { uid: imageId ?? image, name: imageRepository ?? image, tag: imageTag ?? undefined },
    hash: imageDigest === null ? undefined : sha256(imageDigest.replace(/^sha256:/, '')),
    labels: Object.entries(labels).map(([label, value]) => `${label}=${value}`),
    orchestrator: pod === null ? undefined : 'Kubernetes',
    pod_uuid: pod?.uid ?? undefined,
  }
}

/** @param typeId OCSF file type_id; 0, not known, by default */
export function fileOf(path: string, typeId = FILE_UNKNOWN, hash: string | null = null): Json {
  return { name: path.slice(path.lastIndexOf('/') + 1), path, type_id: typeId, hashes: hash === null ? undefined : [sha256(hash)] }
}

function sha256(value: string): Json {
  return { algorithm_id: 3, algorithm: 'SHA-256', value }
}

/** Times of OCSF. */
export function milliseconds(us: number): number {
  return Math.floor(us / 1000)
}
