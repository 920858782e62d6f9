// The answer of GET /containers/{id}/json -> RuntimeContainer.
import { apiState } from '../facts/api-state.js'
import { FACTS_BOUNDS } from '../facts/facts-bounds.js'
import { inspectedFacts } from '../facts/inspected-facts.js'
import { objectAt, textAt } from '../facts/json-fields.js'
import type { JsonObject } from '../facts/json-fields.js'
import type { RuntimeContainer } from '../runtime.js'
import { ownCgroupPaths } from './own-cgroup-paths.js'

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
  const cgroupParent = textAt(objectAt(answer, 'HostConfig'), 'CgroupParent', FACTS_BOUNDS.pathLength)
  const image = { name: imageNameOf(answer), id: imageIdOf(answer), digest: imageDigest }
  return {
    containerId,
    facts: inspectedFacts(answer, image, onCut),
    cgroupPaths: ownCgroupPaths(containerId, cgroupParent),
    ...apiState(answer),
  }
}

/** Id of the image of a container; empty when the answer does not tell it. */
export function imageIdOf(answer: JsonObject): string {
  return textAt(answer, 'Image', FACTS_BOUNDS.imageLength)
}

/** Name that the container was started with. */
export function imageNameOf(answer: JsonObject): string {
  return textAt(objectAt(answer, 'Config'), 'Image', FACTS_BOUNDS.imageLength)
}
