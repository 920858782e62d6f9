// Names of images as people write them (distribution's reference grammar): [registry[:port]/]path[:tag][@digest], or a bare image id.

/** A taken apart image name. */
export interface ImageReference {
  /** Without tag and digest; null for a bare id. */
  readonly repository: string | null
  /** `latest` when the name says neither tag nor digest, as the name then means; null for a bare id, or when only a digest is given. */
  readonly tag: string | null
  /** `sha256:...`; null when the name has none. */
  readonly digest: string | null
}

const BARE: ImageReference = { repository: null, tag: null, digest: null }
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,128}$/
const TAG = /^[\w][\w.-]{0,127}$/

/**
 * Takes a name apart.
 * @param imageId id of the image that was found by it (`sha256:...`): tells a bare id, also a cut one, from a name of hex digits; empty when not known
 */
export function splitImage(image: string, imageId: string): ImageReference {
  const hex = imageId.replace(/^sha256:/, '')
  if (image === '' || DIGEST.test(image) || (/^[0-9a-f]{4,64}$/.test(image) && hex.startsWith(image))) return BARE
  const at = image.lastIndexOf('@')
  const digest = at !== -1 && DIGEST.test(image.slice(at + 1)) ? image.slice(at + 1) : null
  const name = digest === null ? image : image.slice(0, at)
  const colon = name.lastIndexOf(':')
  // A colon in front of the last slash belongs to the port of the registry.
  const hasTag = colon > name.lastIndexOf('/') && !name.includes('@') && TAG.test(name.slice(colon + 1))
  const tag = hasTag ? name.slice(colon + 1) : digest === null ? 'latest' : null
  return { repository: hasTag ? name.slice(0, colon) : name, tag, digest }
}

/** The digest that a registry gave the image, out of `repository@digest` entries; null when there is none for this repository. */
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
