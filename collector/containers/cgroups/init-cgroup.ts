// Where a container's first process is: the last resort to find a container's own cgroup, when the runtime does not tell its parent.
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { CgroupHierarchy } from './cgroup-hierarchies.js'
import { parseCgroupLine } from '../cgroup-path/cgroup-line.js'
import { parseCgroupPath } from '../cgroup-path/parse-cgroup-path.js'

/** A cgroup that is a container's own, by its first process. */
export interface InitCgroup {
  readonly kind: CgroupHierarchy['kind']
  readonly path: string
}

/** Reads /proc/PID/cgroup; an empty list for a process that is gone. */
export async function ownCgroupsOfProcess(
  pid: number,
  containerId: string,
  hierarchies: readonly CgroupHierarchy[],
): Promise<InitCgroup[]> {
  try {
    return initCgroups(await readFile(`/proc/${pid}/cgroup`, 'utf8'), containerId, hierarchies)
  } catch {
    return []
  }
}

/**
 * The cgroups of a first process that name its container. A place below another container is not taken: there the names are made by
 * that other container.
 */
export function initCgroups(cgroupFile: string, containerId: string, hierarchies: readonly CgroupHierarchy[]): InitCgroup[] {
  const found: InitCgroup[] = []
  for (const text of cgroupFile.split('\n')) {
    const line = parseCgroupLine(text)
    const hierarchy = hierarchies.find((candidate) => candidate.hierarchyId === line?.hierarchyId)
    const claim = line === null ? null : parseCgroupPath(line.path)
    if (hierarchy === undefined || claim?.containerId !== containerId) continue
    if (parseCgroupPath(dirname(claim.cgroupPath)) !== null) continue
    found.push({ kind: hierarchy.kind, path: claim.cgroupPath })
  }
  return found
}
