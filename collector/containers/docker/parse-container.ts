// The answer of GET /containers/{id}/json -> RuntimeContainer. The edge where the runtime's JSON, which holds what users wrote, becomes typed
// and bounded. Names and labels keep control characters: they are data, and whoever prints them escapes them.
import type { ContainerFacts, ContainerMount, Pod } from '../../../schemas/generated/types.js'
import type { RuntimeContainer } from '../runtime.js'
import { splitImage } from './image-reference.js'
import { integerAt, isTrueAt, listAt, objectAt, textAt } from './json-fields.js'
import type { JsonObject } from './json-fields.js'
import { ownCgroupPaths } from './own-cgroup-paths.js'

/** Bounds of facts; what is over them is left out. */
export const FACTS_BOUNDS = {
  nameLength: 1024,
  imageLength: 1024,
  pathLength: 4096,
  labels: 256,
  labelLength: 4096,
  labelsLength: 65_536,
  mounts: 512,
}

const MAX_PID = 4_194_304 // PID_MAX_LIMIT

/**
 * Reads the answer.
 * @param imageDigest digest of the image in its registry, where the name does not say it
 * @param onCut told when labels or mounts were left out at a bound
 * @returns null when the answer is not of the container that was asked for (Docker also takes names and cut ids)
 */
export function parseContainer(
  answer: JsonObject,
  containerId: string,
  imageDigest: string | null,
  onCut: () => void,
): RuntimeContainer | null {
  if (answer['Id'] !== containerId) return null
  const state = objectAt(answer, 'State')
  const hostConfig = objectAt(answer, 'HostConfig')
  const pid = integerAt(state, 'Pid', 1, MAX_PID)
  const startedAtMs = Date.parse(textAt(state, 'StartedAt', 64))
  const hasRun = startedAtMs > 0 // Docker writes year 1 for never
  const isRunning = isTrueAt(state, 'Running') && pid !== null
  return {
    containerId,
    facts: factsOf(answer, imageDigest, onCut),
    cgroupPaths: ownCgroupPaths(containerId, textAt(hostConfig, 'CgroupParent', FACTS_BOUNDS.pathLength)),
    initPid: isRunning ? pid : null,
    exitCode: isRunning || !hasRun ? null : integerAt(state, 'ExitCode', -0x80000000, 0x7fffffff),
    isOomKilled: isTrueAt(state, 'OOMKilled'),
  }
}

/** Id of the image of a container; empty when the answer does not tell it. */
export function imageIdOf(answer: JsonObject): string {
  return textAt(answer, 'Image', FACTS_BOUNDS.imageLength)
}

function factsOf(answer: JsonObject, imageDigest: string | null, onCut: () => void): ContainerFacts {
  const config = objectAt(answer, 'Config')
  const imageId = imageIdOf(answer)
  const image = textAt(config, 'Image', FACTS_BOUNDS.imageLength)
  const reference = splitImage(image, imageId)
  const labels = objectAt(config, 'Labels')
  const kept = boundedLabels(labels)
  const mounts = listAt(answer, 'Mounts', FACTS_BOUNDS.mounts + 1)
  if (kept.length < Object.keys(labels).length || mounts.length > FACTS_BOUNDS.mounts) onCut()
  return {
    name: textAt(answer, 'Name', FACTS_BOUNDS.nameLength).replace(/^\//, ''),
    image,
    imageRepository: reference.repository,
    imageTag: reference.tag,
    imageId: imageId === '' ? null : imageId,
    imageDigest: reference.digest ?? imageDigest,
    labels: Object.fromEntries(kept), // makes an own property also of `__proto__`
    isPrivileged: isTrueAt(objectAt(answer, 'HostConfig'), 'Privileged'),
    mounts: mounts.slice(0, FACTS_BOUNDS.mounts).map(mountOf),
    createdAtUs: createdAtUs(textAt(answer, 'Created', 64)),
    pod: podOf(labels),
  }
}

function boundedLabels(labels: JsonObject): [string, string][] {
  const kept: [string, string][] = []
  let length = 0
  for (const [key, value] of Object.entries(labels)) {
    if (typeof value !== 'string' || key.length > FACTS_BOUNDS.labelLength) continue
    const bounded = value.slice(0, FACTS_BOUNDS.labelLength)
    length += key.length + bounded.length
    if (kept.length === FACTS_BOUNDS.labels || length > FACTS_BOUNDS.labelsLength) break
    kept.push([key, bounded])
  }
  return kept
}

function mountOf(value: unknown): ContainerMount {
  const mount = objectAt({ value }, 'value')
  const type = textAt(mount, 'Type', 64)
  // A volume has a name; its source is a folder of the runtime.
  const name = type === 'volume' ? textAt(mount, 'Name', FACTS_BOUNDS.pathLength) : ''
  return {
    source: name !== '' ? name : textAt(mount, 'Source', FACTS_BOUNDS.pathLength),
    destination: textAt(mount, 'Destination', FACTS_BOUNDS.pathLength),
    type,
    isWritable: isTrueAt(mount, 'RW'),
    propagation: textAt(mount, 'Propagation', 64),
  }
}

/** RFC 3339 with nanoseconds -> Unix microseconds; 0 for anything else. */
export function createdAtUs(text: string): number {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text)
  const seconds = found?.[1] === undefined ? Number.NaN : Date.parse(`${found[1]}${found[3] ?? 'Z'}`) / 1000
  if (Number.isNaN(seconds)) return 0
  return seconds * 1_000_000 + Number((found?.[2] ?? '').padEnd(6, '0').slice(0, 6))
}

function podOf(labels: JsonObject): Pod | null {
  const text = (key: string): string => textAt(labels, key, FACTS_BOUNDS.labelLength)
  const name = text('io.kubernetes.pod.name')
  const namespace = text('io.kubernetes.pod.namespace')
  if (name === '' || namespace === '') return null
  const uid = text('io.kubernetes.pod.uid')
  const containerName = text('io.kubernetes.container.name')
  return { name, namespace, uid: uid === '' ? null : uid, containerName: containerName === '' ? null : containerName }
}
