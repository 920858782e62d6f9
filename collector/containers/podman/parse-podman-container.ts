// The answer of GET /libpod/containers/{id}/json -> RuntimeContainer: podman's own form, which tells place of the cgroup, image and digest.
// The edge where JSON that holds what users wrote becomes typed and bounded.
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
  return { containerId, facts: factsOf(answer, onCut), cgroupPaths, ...apiState(answer) }
}

function factsOf(answer: JsonObject, onCut: () => void): ContainerFacts {
  const hex = textAt(answer, 'Image', FACTS_BOUNDS.imageLength)
  const imageId = /^[0-9a-f]{64}$/.test(hex) ? `sha256:${hex}` : hex
  const image = textAt(answer, 'ImageName', FACTS_BOUNDS.imageLength)
  const reference = splitImage(image, imageId)
  const digest = textAt(answer, 'ImageDigest', FACTS_BOUNDS.imageLength)
  const labels = objectAt(objectAt(answer, 'Config'), 'Labels')
  let isCut = false
  const cut = (): void => {
    isCut = true
  }
  const facts = {
    name: textAt(answer, 'Name', FACTS_BOUNDS.nameLength),
    image,
    imageRepository: reference.repository,
    imageTag: reference.tag,
    imageId: imageId === '' ? null : imageId,
    imageDigest: reference.digest ?? (digest === '' ? null : digest),
    labels: boundedLabels(labels, cut),
    isPrivileged: isTrueAt(objectAt(answer, 'HostConfig'), 'Privileged'),
    mounts: apiMounts(answer, cut),
    createdAtUs: createdAtUs(textAt(answer, 'Created', 64)),
    pod: podOf(labels),
  }
  if (isCut) onCut()
  return facts
}
