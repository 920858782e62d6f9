// Mounts as the APIs of Docker and podman tell them of a container.
import type { ContainerMount } from '../../../schemas/generated/types.js'
import { FACTS_BOUNDS } from './facts-bounds.js'
import { isTrueAt, listAt, objectAt, textAt } from './json-fields.js'
import type { JsonObject } from './json-fields.js'

/**
 * The list `Mounts` of an answer, within its bound.
 * @param onCut told when some were left out
 */
export function apiMounts(answer: JsonObject, onCut: () => void): ContainerMount[] {
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
