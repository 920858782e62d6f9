// What the mounted cgroup file system says about a single cgroup: its path by its id, and who may create cgroups next to it.
// Between the tree and the addon; short calls to the kernel without a walk, so they are synchronous.
import { statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { cgroupFolder } from '../../../native/index.js'
import type { CgroupHierarchy } from './cgroup-hierarchies.js'

/** Questions about single cgroups. */
export interface CgroupFiles {
  /** Path below the root of the hierarchy of the cgroup with this id; null when there is none, or the kernel does not answer. */
  pathOf(hierarchy: CgroupHierarchy, cgroupId: bigint): string | null
  /** Owner of the folder that the cgroup is in, in the initial user namespace: besides root, only this user may choose names there. Null when it does not exist. */
  creatorAt(hierarchy: CgroupHierarchy, path: string): number | null
}

/** Those of this host. */
export const CGROUP_FILES: CgroupFiles = {
  pathOf({ mountPoint, rootPath }, cgroupId) {
    const folder = cgroupFolder(mountPoint, cgroupId)
    return folder === null ? null : join(rootPath, relative(mountPoint, folder))
  },
  creatorAt({ mountPoint, rootPath }, path) {
    const below = relative(rootPath, dirname(path))
    if (below.startsWith('..')) return null
    return statSync(join(mountPoint, below), { throwIfNoEntry: false })?.uid ?? null
  },
}

/** A recording has no cgroup file system. */
export const NO_CGROUP_FILES: CgroupFiles = { pathOf: () => null, creatorAt: () => null }

const USER_MANAGER = /^\/user\.slice\/user-(\d{1,10})\.slice\/user@\1\.service(?:\/|$)/

/** The user whose service manager creates the cgroups at this path, as systemd names its place; null for any other path. */
export function userOfPath(path: string): number | null {
  const found = USER_MANAGER.exec(path)?.[1]
  return found === undefined ? null : Number(found)
}
