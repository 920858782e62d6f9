// Which paths are containers' own cgroups, confirmed by their runtimes: the only thing that makes a claim true.
// Paths, not ids: a container's path is known from its runtime before its cgroup exists.
import type { CgroupHierarchy } from './cgroup-hierarchies.js'

/** A container and the path of its own cgroup. */
export interface CgroupOwner {
  readonly containerId: string
  readonly path: string
}

/** Confirmed paths. Bounded by the containers that are known: `forget` them. */
export class OwnCgroups {
  private readonly owners: Readonly<Record<CgroupHierarchy['kind'], Map<string, string>>> = { v1: new Map(), v2: new Map() }
  private readonly paths = new Map<string, Set<string>>()

  /** Says that `path` is the container's own. @returns false when it was known, or is another container's */
  add(kind: CgroupHierarchy['kind'], path: string, containerId: string): boolean {
    const owners = this.owners[kind]
    if (owners.has(path)) return false
    owners.set(path, containerId)
    const paths = this.paths.get(containerId) ?? new Set()
    this.paths.set(containerId, paths.add(path))
    return true
  }

  /** No new cgroup is this container's. */
  forget(containerId: string): void {
    for (const path of this.paths.get(containerId) ?? []) {
      for (const owners of Object.values(this.owners)) if (owners.get(path) === containerId) owners.delete(path)
    }
    this.paths.delete(containerId)
  }

  /** The container whose own cgroup is at exactly this path. */
  ownerOf(kind: CgroupHierarchy['kind'], path: string): string | null {
    return this.owners[kind].get(path) ?? null
  }

  /** The innermost container whose own cgroup is at this path or above it, and that cgroup's path. */
  innermost(kind: CgroupHierarchy['kind'], path: string): CgroupOwner | null {
    const owners = this.owners[kind]
    if (owners.size === 0) return null
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const containerId = owners.get(path.slice(0, end))
      if (containerId !== undefined) return { containerId, path: path.slice(0, end) }
    }
    return null
  }
}
