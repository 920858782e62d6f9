// Where Docker puts the cgroup of a container, for both of its drivers. Only root may make cgroups below these parents.
// A daemon with a default parent of its own does not tell it: then the container's first process says where it is (container-tracker.ts).
import { expandSlice } from '../cgroup-path/expand-slice.js'

const DEFAULT_PARENT = '/docker'
const DEFAULT_SLICE = 'system.slice'

/**
 * Paths that a container's own cgroup may have.
 * @param cgroupParent HostConfig.CgroupParent: empty, a path (cgroupfs driver), or a slice (systemd driver)
 */
export function ownCgroupPaths(containerId: string, cgroupParent: string): readonly string[] {
  const scope = `docker-${containerId}.scope`
  if (cgroupParent === '') return [`${DEFAULT_PARENT}/${containerId}`, `/${DEFAULT_SLICE}/${scope}`]
  if (cgroupParent.split('/').includes('..')) return []
  if (cgroupParent.endsWith('.slice') && !cgroupParent.includes('/')) {
    const slices = expandSlice(cgroupParent)
    // A cgroupfs driver takes the slice for a plain name.
    return [`${slices === '' ? '' : `/${slices}`}/${scope}`, `/${cgroupParent}/${containerId}`]
  }
  const parent = cgroupParent
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
  return [`${parent === '' ? '' : `/${parent}`}/${containerId}`]
}
