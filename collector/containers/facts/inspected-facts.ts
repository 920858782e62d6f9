// The "inspect" answer of Docker and podman -> ContainerFacts. Where the two differ (image names, digests), the caller passes the value.
// Here JSON with user-supplied texts becomes typed and bounded. Names and labels keep control characters: they are data, and whoever prints
// them escapes them.
import type { ContainerFacts, ContainerMount } from '../../../schemas/generated/types.js'
import { createdAtUs, FACTS_BOUNDS, isTrueAt, objectAt, textAt, type JsonObject, listAt, MAX_PID, integerAt } from './json-fields.js'
import { splitImage, boundedLabels, podOf } from './container-facts.js'
import type { RuntimeContainer } from '../runtime.js'

/** The image as a runtime reports it. */
export interface InspectedImage {
  /** Name with which the container was started, with tag or digest. */
  readonly name: string
  /** `sha256:...`, or empty if the answer has none. */
  readonly id: string
  /** Digest in its registry, if the name does not contain it. */
  readonly digest: string | null
}

/**
 * Reads the answer.
 * @param onCut called when labels or mounts were left out at a bound
 */
export function inspectedFacts(answer: JsonObject, image: InspectedImage, onCut: () => void): ContainerFacts {
  const reference = splitImage(image.name, image.id)
  const labels = objectAt(objectAt(answer, 'Config'), 'Labels')
  let isCut = false
  const cut = (): void => {
    isCut = true
  }
  const facts = {
    name: textAt(answer, 'Name', FACTS_BOUNDS.nameLength).replace(/^\//, ''), // Docker's start with a slash, which no name may contain
    image: image.name,
    imageRepository: reference.repository,
    imageTag: reference.tag,
    imageId: image.id === '' ? null : image.id,
    imageDigest: reference.digest ?? image.digest,
    labels: boundedLabels(labels, cut),
    isPrivileged: isTrueAt(objectAt(answer, 'HostConfig'), 'Privileged'),
    mounts: apiMounts(answer, cut),
    createdAtUs: createdAtUs(textAt(answer, 'Created', 64)),
    pod: podOf(labels),
  }
  if (isCut) onCut()
  return facts
}

/**
 * The list `Mounts` of an answer, within its bound.
 * @param onCut called when some were left out
 */
function apiMounts(answer: JsonObject, onCut: () => void): ContainerMount[] {
  const mounts = listAt(answer, 'Mounts', FACTS_BOUNDS.mounts + 1)
  if (mounts.length > FACTS_BOUNDS.mounts) onCut()
  return mounts.slice(0, FACTS_BOUNDS.mounts).map(mountOf)
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

/** Reads `State` of an answer. */
export function apiState(answer: JsonObject): Pick<RuntimeContainer, 'initPid' | 'exitCode' | 'isOomKilled'> {
  const state = objectAt(answer, 'State')
  const pid = integerAt(state, 'Pid', 1, MAX_PID)
  const startedAtMs = Date.parse(textAt(state, 'StartedAt', 64))
  const hasRun = startedAtMs > 0 // year 1 means never
  const isRunning = isTrueAt(state, 'Running') && pid !== null
  return {
    initPid: isRunning ? pid : null,
    exitCode: isRunning || !hasRun ? null : integerAt(state, 'ExitCode', -0x80000000, 0x7fffffff),
    isOomKilled: isTrueAt(state, 'OOMKilled'),
  }
}
