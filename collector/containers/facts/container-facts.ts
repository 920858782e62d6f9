// Image references and labels of runtimes -> facts. References follow the grammar of distribution ([registry[:port]/]path[:tag][@digest])
// or are a bare image id.
import type { Pod } from '../../../schemas/generated/types.js'
import { FACTS_BOUNDS, textAt, type JsonObject } from './json-fields.js'

/** The parts of an image name. */
interface ImageReference {
  /** Without tag and digest; null for a bare id. */
  readonly repository: string | null
  /** `latest` when the name has neither tag nor digest; null for a bare id, or when only a digest is given. */
  readonly tag: string | null
  /** `sha256:...`; null when the name has none. */
  readonly digest: string | null
}

const BARE: ImageReference = { repository: null, tag: null, digest: null }
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,128}$/
const TAG = /^[\w][\w.-]{0,127}$/

/**
 * Splits an image name.
 * @param imageId id of the image with this name (`sha256:...`): distinguishes a bare or shortened id from a name of hex digits; empty if unknown
 */
export function splitImage(image: string, imageId: string): ImageReference {
  const hex = imageId.replace(/^sha256:/, '')
  if (image === '' || DIGEST.test(image) || (/^[0-9a-f]{4,64}$/.test(image) && hex.startsWith(image))) return BARE
  const at = image.lastIndexOf('@')
  const digest = at !== -1 && DIGEST.test(image.slice(at + 1)) ? image.slice(at + 1) : null
  const name = digest === null ? image : image.slice(0, at)
  const colon = name.lastIndexOf(':')
  // A colon before the last slash belongs to the port of the registry.
  const hasTag = colon > name.lastIndexOf('/') && !name.includes('@') && TAG.test(name.slice(colon + 1))
  const tag = hasTag ? name.slice(colon + 1) : digest === null ? 'latest' : null
  return { repository: hasTag ? name.slice(0, colon) : name, tag, digest }
}

/** The image's digest in its registry, from `repository@digest` entries; null when there is none for this repository. */
export function digestOf(repoDigests: readonly unknown[], repository: string | null): string | null {
  let any: string | null = null
  for (const entry of repoDigests) {
    if (typeof entry !== 'string') continue
    const at = entry.lastIndexOf('@')
    const digest = entry.slice(at + 1)
    if (at <= 0 || !DIGEST.test(digest)) continue
    if (repository !== null && familiar(entry.slice(0, at)) === familiar(repository)) return digest
    any ??= digest
  }
  return repository === null ? any : null
}

/** `docker.io/library/nginx`, `index.docker.io/nginx` and `nginx` are one repository. */
function familiar(repository: string): string {
  return repository.replace(/^(?:index\.)?docker\.io\//, '').replace(/^library\//, '')
}

/**
 * Labels within their bounds.
 * @param onCut called when some were left out
 */
export function boundedLabels(labels: JsonObject, onCut: () => void): Record<string, string> {
  const entries: [string, string][] = []
  let length = 0
  for (const [key, value] of Object.entries(labels)) {
    if (typeof value !== 'string' || key.length > FACTS_BOUNDS.labelLength) continue
    const bounded = value.slice(0, FACTS_BOUNDS.labelLength)
    length += key.length + bounded.length
    if (entries.length === FACTS_BOUNDS.labels || length > FACTS_BOUNDS.labelsLength) break
    entries.push([key, bounded])
  }
  if (entries.length < Object.keys(labels).length) onCut()
  return Object.fromEntries(entries) // also makes `__proto__` an own property
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
