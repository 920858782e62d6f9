// Answers of ContainerStatus and PodSandboxStatus -> RuntimeContainer. The edge where user-supplied values become typed and bounded.
import type { ContainerFacts, ContainerMount, Pod } from '../../../schemas/generated/types.js'
import {
  microsecondsOf,
  FACTS_BOUNDS,
  MAX_PID,
  asObject,
  integerAt,
  isTrueAt,
  listAt,
  objectAt,
  textAt,
  type JsonObject,
} from '../facts/json-fields.js'
import { digestOf, splitImage, boundedLabels, podOf } from '../facts/container-facts.js'
import { hasAllPrivileges, MAX_SPEC_BYTES, ociCgroupPaths, parseJsonObject } from './oci-spec.js'
import type { RuntimeContainer } from '../runtime.js'

const PROPAGATION: Readonly<Record<string, string>> = {
  PROPAGATION_PRIVATE: 'private',
  PROPAGATION_HOST_TO_CONTAINER: 'rslave',
  PROPAGATION_BIDIRECTIONAL: 'rshared',
}

/** A container and its sandbox. */
interface CriContainer extends RuntimeContainer {
  /** Empty when the runtime does not report it. */
  readonly sandboxId: string
}

/**
 * Reads the answer of a ContainerStatus call with `verbose`.
 * @param onCut called when labels or mounts were left out at a bound
 * @returns null when the answer is not for the requested container (runtimes also accept shortened ids)
 */
export function parseContainerStatus(answer: JsonObject, containerId: string, onCut: () => void): CriContainer | null {
  const status = objectAt(answer, 'status')
  if (status['id'] !== containerId) return null
  const info = infoOf(answer)
  const spec = objectAt(info, 'runtimeSpec')
  const isRunning = status['state'] === 'CONTAINER_RUNNING'
  const isPrivileged =
    isTrueAt(info, 'privileged') || // CRI-O
    isTrueAt(objectAt(objectAt(objectAt(info, 'config'), 'linux'), 'security_context'), 'privileged') || // containerd
    hasAllPrivileges(spec)
  return {
    containerId,
    facts: containerFacts(status, isPrivileged, onCut),
    cgroupPaths: ociCgroupPaths(spec),
    initPid: isRunning ? integerAt(info, 'pid', 1, MAX_PID) : null,
    exitCode: exitOf(status).exitCode,
    isOomKilled: exitOf(status).isOomKilled,
    sandboxId: textAt(info, 'sandboxID', 128),
  }
}

/** How a container ended; no exit code while it runs or before its first run. */
export function exitOf(status: JsonObject): { readonly exitCode: number | null; readonly isOomKilled: boolean } {
  const hasEnded = status['state'] === 'CONTAINER_EXITED'
  return {
    exitCode: hasEnded ? integerAt(status, 'exit_code', -0x80000000, 0x7fffffff) : null,
    isOomKilled: hasEnded && status['reason'] === 'OOMKilled',
  }
}

/** Reads the answer of a PodSandboxStatus call with `verbose`: the sandbox is itself a container (`pause`). */
export function parseSandboxStatus(answer: JsonObject, sandboxId: string, onCut: () => void): RuntimeContainer | null {
  const status = objectAt(answer, 'status')
  if (status['id'] !== sandboxId) return null
  const info = infoOf(answer)
  const image = textAt(info, 'image', FACTS_BOUNDS.imageLength)
  const reference = splitImage(image, '')
  const labels = objectAt(status, 'labels')
  return {
    containerId: sandboxId,
    facts: {
      name: textAt(objectAt(status, 'metadata'), 'name', FACTS_BOUNDS.nameLength),
      image,
      imageRepository: reference.repository,
      imageTag: reference.tag,
      imageId: null,
      imageDigest: reference.digest,
      labels: boundedLabels(labels, onCut),
      isPrivileged: isTrueAt(objectAt(objectAt(objectAt(info, 'config'), 'linux'), 'security_context'), 'privileged'),
      mounts: [],
      createdAtUs: microsecondsOf(textAt(status, 'created_at', 32)),
      pod: sandboxPod(answer),
    },
    cgroupPaths: ociCgroupPaths(objectAt(info, 'runtimeSpec')),
    initPid: status['state'] === 'SANDBOX_READY' ? integerAt(info, 'pid', 1, MAX_PID) : null,
    exitCode: null,
    isOomKilled: false,
  }
}

/** The pod of a sandbox from its metadata, which every CRI runtime provides, not from its labels; null when it is missing. */
export function sandboxPod(answer: JsonObject): Pod | null {
  const metadata = objectAt(objectAt(answer, 'status'), 'metadata')
  const text = (key: string): string => textAt(metadata, key, FACTS_BOUNDS.labelLength)
  const [name, namespace, uid] = [text('name'), text('namespace'), text('uid')]
  return name === '' || namespace === '' ? null : { name, namespace, uid: uid === '' ? null : uid, containerName: null }
}

/** What `verbose` adds: JSON whose layout differs by runtime. */
function infoOf(answer: JsonObject): JsonObject {
  return parseJsonObject(textAt(objectAt(answer, 'info'), 'info', MAX_SPEC_BYTES + 1)) ?? {}
}

function containerFacts(status: JsonObject, isPrivileged: boolean, onCut: () => void): ContainerFacts {
  const spec = objectAt(status, 'image')
  const requested = textAt(spec, 'user_specified_image', FACTS_BOUNDS.imageLength)
  const image = requested === '' ? textAt(spec, 'image', FACTS_BOUNDS.imageLength) : requested
  const imageRef = textAt(status, 'image_ref', FACTS_BOUNDS.imageLength)
  const imageId = imageIdOf(status, imageRef)
  const reference = splitImage(image, imageId ?? '')
  const labels = objectAt(status, 'labels')
  let isCut = false
  const cut = (): void => {
    isCut = true
  }
  const facts = {
    name: textAt(objectAt(status, 'metadata'), 'name', FACTS_BOUNDS.nameLength),
    image,
    imageRepository: reference.repository,
    imageTag: reference.tag,
    imageId,
    imageDigest: reference.digest ?? digestOf([imageRef], reference.repository) ?? digestOf([imageRef], null),
    labels: boundedLabels(labels, cut),
    isPrivileged,
    mounts: mountsOf(status, cut),
    createdAtUs: microsecondsOf(textAt(status, 'created_at', 32)),
    pod: podOf(labels),
  }
  if (isCut) onCut()
  return facts
}

/** Older runtimes report the id of the image only if they know no digest, as `image_ref`. */
function imageIdOf(status: JsonObject, imageRef: string): string | null {
  for (const text of [textAt(status, 'image_id', FACTS_BOUNDS.imageLength), imageRef]) {
    const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(text)?.[1]
    if (hex !== undefined) return `sha256:${hex}`
  }
  return null
}

function mountsOf(status: JsonObject, onCut: () => void): ContainerMount[] {
  const listed = listAt(status, 'mounts', FACTS_BOUNDS.mounts + 1)
  if (listed.length > FACTS_BOUNDS.mounts) onCut()
  return listed.slice(0, FACTS_BOUNDS.mounts).map((value) => {
    const mount = asObject(value) ?? {}
    return {
      source: textAt(mount, 'host_path', FACTS_BOUNDS.pathLength),
      destination: textAt(mount, 'container_path', FACTS_BOUNDS.pathLength),
      type: 'bind',
      isWritable: !isTrueAt(mount, 'readonly'),
      propagation: PROPAGATION[textAt(mount, 'propagation', 64)] ?? '',
    }
  })
}
