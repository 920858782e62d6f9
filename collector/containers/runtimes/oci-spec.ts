// What the OCI runtime specification of a container states: its cgroup, whether it has all privileges, its mounts. containerd and CRI-O pass
// on this JSON unchanged, so it is parsed with bounds like all other input.
import type { ContainerMount } from '../../../schemas/generated/types.js'
import { expandSlice } from '../../../infra/text/cgroup-path.js'
import { FACTS_BOUNDS, asObject, listAt, objectAt, textAt, type JsonObject } from '../facts/json-fields.js'

/** Longest specification that is parsed, bytes: real ones have a few tens of thousands. */
export const MAX_SPEC_BYTES = 4 << 20
const MAX_CAPABILITIES = 128
const MAX_LISTED_MOUNTS = 4096
const ALL_PRIVILEGES = ['CAP_SYS_ADMIN', 'CAP_SYS_MODULE', 'CAP_SYS_RAWIO']

/** Parses the JSON of a specification; null if it is invalid or too long. */
export function parseJsonObject(text: string): JsonObject | null {
  if (text.length > MAX_SPEC_BYTES) return null
  try {
    return asObject(JSON.parse(text))
  } catch {
    return null
  }
}

/**
 * Paths that the container's own cgroup may have according to `linux.cgroupsPath`: a path (cgroupfs driver), or slice:prefix:name (systemd driver).
 * A relative path depends on the runtime's own cgroup and returns none: then the cgroup is found by the first process.
 */
export function ociCgroupPaths(spec: JsonObject): readonly string[] {
  const cgroupsPath = textAt(objectAt(spec, 'linux'), 'cgroupsPath', FACTS_BOUNDS.pathLength)
  const parts = cgroupsPath.split(':')
  const [slice, prefix, name] = parts
  if (parts.length === 3 && slice !== undefined && prefix !== undefined && name !== undefined) {
    if (cgroupsPath.includes('/') || name === '' || (slice !== '' && !slice.endsWith('.slice'))) return []
    const unit = name.endsWith('.slice') ? name : `${prefix === '' ? '' : `${prefix}-`}${name}.scope`
    const parent = expandSlice(slice === '' ? 'system.slice' : slice)
    return [`${parent === '' ? '' : `/${parent}`}/${unit}`]
  }
  const path = cgroupsPath.split('/').filter((part) => part !== '' && part !== '.')
  if (!cgroupsPath.startsWith('/') || path.length === 0 || path.includes('..')) return []
  return [`/${path.join('/')}`]
}

/** Whether a specification grants all privileges: the capabilities of the host's root, and no masked paths in /proc. */
export function hasAllPrivileges(spec: JsonObject): boolean {
  const bounding = listAt(objectAt(objectAt(spec, 'process'), 'capabilities'), 'bounding', MAX_CAPABILITIES)
  return ALL_PRIVILEGES.every((name) => bounding.includes(name)) && listAt(objectAt(spec, 'linux'), 'maskedPaths', 1).length === 0
}

/**
 * Mounts of files and folders of the host, within their bound; mounts of the runtime itself (/proc, /dev) are left out.
 * @param onCut called when some were left out
 */
export function ociMounts(spec: JsonObject, onCut: () => void): ContainerMount[] {
  const listed = listAt(spec, 'mounts', MAX_LISTED_MOUNTS).flatMap((value) => {
    const mount = asObject(value) ?? {}
    const options = listAt(mount, 'options', 64)
    return mount['type'] === 'bind' || options.includes('bind') || options.includes('rbind') ? [{ mount, options }] : []
  })
  if (listed.length > FACTS_BOUNDS.mounts) onCut()
  return listed.slice(0, FACTS_BOUNDS.mounts).map(({ mount, options }) => {
    const propagation = options.find((option) => typeof option === 'string' && /^r?(?:private|shared|slave)$/.test(option))
    return {
      source: textAt(mount, 'source', FACTS_BOUNDS.pathLength),
      destination: textAt(mount, 'destination', FACTS_BOUNDS.pathLength),
      type: 'bind',
      isWritable: !options.includes('ro'),
      propagation: typeof propagation === 'string' ? propagation : '',
    }
  })
}
