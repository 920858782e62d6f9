// Reports new cgroups without a kernel probe: inotify on cgroup folders of the v2 hierarchy. For tests of what follows the probe.
import { watch, type FSWatcher, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { findCgroupHierarchies } from '../../collector/containers/cgroups/cgroup-hierarchies.js'

/** Mount point of the v2 hierarchy. */
export function cgroup2MountPoint(): string {
  const v2 = findCgroupHierarchies().find(({ kind }) => kind === 'v2')
  if (v2 === undefined) throw new Error('no cgroup2 hierarchy is mounted')
  return v2.mountPoint
}

/** Calls back for each folder that is made directly below one of `parents` (paths below the root of v2, made when they are missing). */
export class CgroupWatcher {
  private readonly watchers: FSWatcher[] = []

  constructor(parents: readonly string[], onCreated: (cgroupId: bigint, hierarchyId: number, path: string) => void) {
    for (const parent of parents) {
      const folder = join(cgroup2MountPoint(), parent)
      mkdirSync(folder, { recursive: true })
      this.watchers.push(
        watch(folder, (_, name) => {
          const stats = name === null ? undefined : statSync(join(folder, name), { bigint: true, throwIfNoEntry: false })
          if (stats?.isDirectory() === true) onCreated(stats.ino, 0, `${parent}/${name}`)
        }),
      )
    }
  }

  close(): void {
    for (const watcher of this.watchers) watcher.close()
  }
}
