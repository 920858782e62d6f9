// The cgroups that a collector knew, as its checkpoint keeps them: also those that are gone, for events that still wait in a ring.
import type { CgroupHierarchy } from './cgroup-hierarchies.js'
import type { CgroupOwner } from './own-cgroups.js'

/** One cgroup. */
export interface SavedCgroup {
  readonly kind: CgroupHierarchy['kind']
  readonly cgroupId: bigint
  readonly path: string
  readonly owner: CgroupOwner | null
  readonly isRemoved: boolean
}

/** All of them, removed ones in the order of their end. */
export type CgroupState = readonly SavedCgroup[]
