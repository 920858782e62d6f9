// The answer of GET /containers/{id}/json -> RuntimeContainer. The edge where the runtime's JSON, which holds what users wrote, becomes typed
// and bounded. Names and labels keep control characters: they are data, and whoever prints them escapes them.
import type { ContainerFacts } from '../../../schemas/generated/types.js'
import { apiMounts } from '../facts/api-mounts.js'
import { apiState } from '../facts/api-state.js'
import { createdAtUs } from '../facts/created-at.js'
import { FACTS_BOUNDS } from '../facts/facts-bounds.js'
import { splitImage } from '../facts/image-reference.js'
import { isTrueAt, objectAt, textAt } from '../facts/json-fields.js'
import type { JsonObject } from '../facts/json-fields.js'
import { boundedLabels, podOf } from '../facts/labels.js'
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
  return {
    containerId,
    facts: factsOf(answer, imageDigest, onCut),
    cgroupPaths: ownCgroupPaths(containerId, cgroupParent),
    ...apiState(answer),
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
  let isCut = false
  const cut = (): void => {
    isCut = true
  }
  const facts = {
    name: textAt(answer, 'Name', FACTS_BOUNDS.nameLength).replace(/^\//, ''),
    image,
    imageRepository: reference.repository,
    imageTag: reference.tag,
    imageId: imageId === '' ? null : imageId,
    imageDigest: reference.digest ?? imageDigest,
    labels: boundedLabels(labels, cut),
    isPrivileged: isTrueAt(objectAt(answer, 'HostConfig'), 'Privileged'),
    mounts: apiMounts(answer, cut),
    createdAtUs: createdAtUs(textAt(answer, 'Created', 64)),
    pod: podOf(labels),
  }
  if (isCut) onCut()
  return facts
}
