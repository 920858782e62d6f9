// The answer of GET /libpod/containers/{id}/json -> RuntimeContainer: podman's own form, which tells place of the cgroup, image and digest.
import { apiState } from '../facts/api-state.js'
import { FACTS_BOUNDS } from '../facts/facts-bounds.js'
import { inspectedFacts, type InspectedImage } from '../facts/inspected-facts.js'
import { objectAt, textAt } from '../facts/json-fields.js'
import type { JsonObject } from '../facts/json-fields.js'
import type { RuntimeContainer } from '../runtime.js'
import { defaultCgroupPaths, toldCgroupPath } from './podman-events.js'

/**
 * Reads the answer.
 * @param onCut told when labels or mounts were left out at a bound
 * @returns null when the answer is not of the container that was asked for (podman also takes names and cut ids)
 */
export function parsePodmanContainer(answer: JsonObject, containerId: string, onCut: () => void): RuntimeContainer | null {
  if (answer['Id'] !== containerId) return null
  const told = toldCgroupPath(textAt(objectAt(answer, 'State'), 'CgroupPath', FACTS_BOUNDS.pathLength), containerId)
  const cgroupPaths = told === null ? defaultCgroupPaths(containerId) : [told]
  return { containerId, facts: inspectedFacts(answer, imageOf(answer), onCut), cgroupPaths, ...apiState(answer) }
}

function imageOf(answer: JsonObject): InspectedImage {
  const hex = textAt(answer, 'Image', FACTS_BOUNDS.imageLength)
  const digest = textAt(answer, 'ImageDigest', FACTS_BOUNDS.imageLength)
  return {
    name: textAt(answer, 'ImageName', FACTS_BOUNDS.imageLength),
    id: /^[0-9a-f]{64}$/.test(hex) ? `sha256:${hex}` : hex,
    digest: digest === '' ? null : digest,
  }
}
