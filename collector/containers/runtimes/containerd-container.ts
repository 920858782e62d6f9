// Container, task and image of containerd -> RuntimeContainer. The edge where user-supplied values become typed and bounded.
import type { ContainerFacts } from '../../../schemas/generated/types.js'
import { FACTS_BOUNDS, MAX_PID, integerAt, objectAt, textAt, type JsonObject } from '../facts/json-fields.js'
import { splitImage, boundedLabels, podOf } from '../facts/container-facts.js'
import { hasAllPrivileges, MAX_SPEC_BYTES, ociCgroupPaths, ociMounts, parseJsonObject } from './oci-spec.js'
import type { RuntimeContainer } from '../runtime.js'

const RUNNING = new Set<unknown>(['RUNNING', 'PAUSED', 'PAUSING'])

/** Answers of containerd for one container. */
interface ContainerdAnswers {
  readonly container: JsonObject
  /** Undefined when there is no current or last task. */
  readonly task: JsonObject | undefined
  /** Empty when not known. */
  readonly imageDigest: string
}

/**
 * Reads the answers.
 * @param onCut called when labels, mounts or the specification were left out at a bound
 * @returns null when they are not for the requested container
 */
export function parseContainerdContainer(answers: ContainerdAnswers, containerId: string, onCut: () => void): RuntimeContainer | null {
  const { container, task } = answers
  if (container['id'] !== containerId) return null
  const spec = specOf(container)
  let isCut = spec === null
  const facts = factsOf(answers, containerId, spec ?? {}, () => {
    isCut = true
  })
  if (isCut) onCut()
  const isRunning = RUNNING.has(task?.['status'])
  return {
    containerId,
    // nerdctl stores its own container names in labels.
    ...(Object.hasOwn(facts.labels, 'nerdctl/namespace') ? { runtimeName: 'nerdctl' as const } : {}),
    facts,
    cgroupPaths: ociCgroupPaths(spec ?? {}),
    initPid: isRunning ? integerAt(task ?? {}, 'pid', 1, MAX_PID) : null,
    exitCode: task?.['status'] === 'STOPPED' ? integerAt(task, 'exit_status', 0, 0x7fffffff) : null,
    isOomKilled: false,
  }
}

/** The specification; empty when there is none, null when it is too long or invalid JSON. */
function specOf(container: JsonObject): JsonObject | null {
  const bytes = objectAt(container, 'spec')['value']
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return {}
  return bytes.length > MAX_SPEC_BYTES ? null : parseJsonObject(Buffer.from(bytes).toString('utf8'))
}

function factsOf(answers: ContainerdAnswers, containerId: string, spec: JsonObject, onCut: () => void): ContainerFacts {
  const { container, imageDigest } = answers
  const image = textAt(container, 'image', FACTS_BOUNDS.imageLength)
  const reference = splitImage(image, '')
  const labels = objectAt(container, 'labels')
  const name = textAt(labels, 'nerdctl/name', FACTS_BOUNDS.nameLength)
  return {
    name: name === '' ? containerId : name,
    image,
    imageRepository: reference.repository,
    imageTag: reference.tag,
    imageId: null,
    imageDigest: reference.digest ?? (imageDigest === '' ? null : imageDigest),
    labels: boundedLabels(labels, onCut),
    isPrivileged: hasAllPrivileges(spec),
    mounts: ociMounts(spec, onCut),
    createdAtUs: createdAtOf(objectAt(container, 'created_at')),
    pod: podOf(labels),
  }
}

function createdAtOf(timestamp: JsonObject): number {
  const seconds = textAt(timestamp, 'seconds', 16)
  const nanos = integerAt(timestamp, 'nanos', 0, 999_999_999) ?? 0
  return /^\d{1,11}$/.test(seconds) ? Number(seconds) * 1_000_000 + Math.floor(nanos / 1000) : 0
}
