// Labels of a container, which its users write: bounded, and what Kubernetes says in them of the pod. Whatever runtime told them.
import type { Pod } from '../../../schemas/generated/types.js'
import { FACTS_BOUNDS } from './facts-bounds.js'
import { textAt } from './json-fields.js'
import type { JsonObject } from './json-fields.js'

/**
 * Labels within their bounds.
 * @param onCut told when some were left out
 */
export function boundedLabels(labels: JsonObject, onCut: () => void): Record<string, string> {
  const kept: [string, string][] = []
  let length = 0
  for (const [key, value] of Object.entries(labels)) {
    if (typeof value !== 'string' || key.length > FACTS_BOUNDS.labelLength) continue
    const bounded = value.slice(0, FACTS_BOUNDS.labelLength)
    length += key.length + bounded.length
    if (kept.length === FACTS_BOUNDS.labels || length > FACTS_BOUNDS.labelsLength) break
    kept.push([key, bounded])
  }
  if (kept.length < Object.keys(labels).length) onCut()
  return Object.fromEntries(kept) // makes an own property also of `__proto__`
}

/** The pod that a kubelet wrote into the labels; null for none. */
export function podOf(labels: JsonObject): Pod | null {
  const text = (key: string): string => textAt(labels, key, FACTS_BOUNDS.labelLength)
  const name = text('io.kubernetes.pod.name')
  const namespace = text('io.kubernetes.pod.namespace')
  if (name === '' || namespace === '') return null
  const uid = text('io.kubernetes.pod.uid')
  const containerName = text('io.kubernetes.container.name')
  return { name, namespace, uid: uid === '' ? null : uid, containerName: containerName === '' ? null : containerName }
}
