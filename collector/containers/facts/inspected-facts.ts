// The answer of "inspect" as Docker and podman give it -> ContainerFacts. What they tell otherwise (names of images, digests) is given.
// The edge where JSON that holds what users wrote becomes typed and bounded. Names and labels keep control characters: they are data, and
// whoever prints them escapes them.
import type { ContainerFacts } from '../../../schemas/generated/types.js'
import { apiMounts } from './api-mounts.js'
import { createdAtUs } from './created-at.js'
import { FACTS_BOUNDS } from './facts-bounds.js'
import { splitImage } from './image-reference.js'
import { isTrueAt, objectAt, textAt } from './json-fields.js'
import type { JsonObject } from './json-fields.js'
import { boundedLabels, podOf } from './labels.js'

/** The image as a runtime tells it. */
export interface InspectedImage {
  /** As the container was started from it, with tag or digest. */
  readonly name: string
  /** `sha256:...`, or empty for an answer without it. */
  readonly id: string
  /** Digest in its registry, where the name does not say it. */
  readonly digest: string | null
}

/**
 * Reads the answer.
 * @param onCut told when labels or mounts were left out at a bound
 */
export function inspectedFacts(answer: JsonObject, image: InspectedImage, onCut: () => void): ContainerFacts {
  const reference = splitImage(image.name, image.id)
  const labels = objectAt(objectAt(answer, 'Config'), 'Labels')
  let isCut = false
  const cut = (): void => {
    isCut = true
  }
  const facts = {
    name: textAt(answer, 'Name', FACTS_BOUNDS.nameLength).replace(/^\//, ''), // Docker's begin with a slash, which no name may hold
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
