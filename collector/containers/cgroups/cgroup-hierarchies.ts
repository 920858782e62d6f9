// The cgroup hierarchies of this host and their mounts: v2 alone, v1 alone, or both (hybrid); and the cgroups of containers and processes in them.
// Only one v1 hierarchy is followed: pids, which every runtime sets up (memory, where pids is not on v1).
import { readFileSync } from 'node:fs'
import { parseCgroupLine, parseCgroupPath } from '../../../infra/text/cgroup-path.js'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A followed hierarchy. */
export interface CgroupHierarchy {
  readonly kind: 'v2' | 'v1'
  /** cgroup_root.hierarchy_id; 0 is v2. */
  readonly hierarchyId: number
  /** Where it is mounted. */
  readonly mountPoint: string
  /** Path of the cgroup that is mounted there; `/` for the root. */
  readonly rootPath: string
}

const OWN_CGROUPS = '/proc/self/cgroup'
const V1_CONTROLLERS = ['pids', 'memory']

/** The followed hierarchies of this host: none, one, or v2 and v1. Reads two small files of the caller's own /proc entry. */
export function findCgroupHierarchies(): readonly CgroupHierarchy[] {
  return cgroupHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync(OWN_CGROUPS, 'utf8'))
}

/**
 * Parses the followed hierarchies from the texts of /proc/PID/mountinfo and /proc/PID/cgroup.
 * Of several mounts of a hierarchy the one with the shortest root counts, since it shows most. A mount of a part outside the reader's own
 * cgroup namespace (a root with `/..`) has no absolute path and is left out.
 */
export function cgroupHierarchies(mountInfo: string, cgroupFile: string): readonly CgroupHierarchy[] {
  const mounts = mountInfo.split('\n').flatMap((line) => parseMount(line) ?? [])
  const found: CgroupHierarchy[] = []
  const v2 = widest(mounts.filter((mount) => mount.type === 'cgroup2'))
  if (v2 !== null) found.push({ kind: 'v2', hierarchyId: 0, mountPoint: v2.mountPoint, rootPath: v2.rootPath })
  const v1 = v1Hierarchy(cgroupFile)
  const mount = v1 === null ? null : widest(mounts.filter(({ type, options }) => type === 'cgroup' && options.includes(v1.controller)))
  if (v1 !== null && mount !== null) {
    found.push({ kind: 'v1', hierarchyId: v1.hierarchyId, mountPoint: mount.mountPoint, rootPath: mount.rootPath })
  }
  return found
}

/** The v1 hierarchy whose cgroups the probes name (fill_cgroup() in bpf/record/task_cgroup.bpf.h), mounted or not; null for none. */
export function v1Hierarchy(cgroupFile: string): { readonly hierarchyId: number; readonly controller: string } | null {
  const lines = cgroupFile.split('\n').flatMap((line) => parseCgroupLine(line) ?? [])
  for (const controller of V1_CONTROLLERS) {
    const line = lines.find((candidate) => candidate.hierarchyId !== 0 && candidate.controllers.split(',').includes(controller))
    if (line !== undefined) return { hierarchyId: line.hierarchyId, controller }
  }
  return null
}

/** The same for this host. */
export function findV1Hierarchy(): ReturnType<typeof v1Hierarchy> {
  return v1Hierarchy(readFileSync(OWN_CGROUPS, 'utf8'))
}

interface Mount {
  readonly rootPath: string
  readonly mountPoint: string
  readonly type: string
  readonly options: readonly string[]
}

/** One line of mountinfo, see proc_pid_mountinfo(5); null for an unreadable one. */
function parseMount(line: string): Mount | null {
  const [own, superBlock] = line.split(' - ')
  const fields = own?.split(' ') ?? []
  const [type, , options] = superBlock?.split(' ') ?? []
  if (fields[3] === undefined || fields[4] === undefined || type === undefined) return null
  return { rootPath: unescape(fields[3]), mountPoint: unescape(fields[4]), type, options: options?.split(',') ?? [] }
}

function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

function widest(mounts: readonly Mount[]): Mount | null {
  let best: Mount | null = null
  for (const mount of mounts) {
    if (mount.rootPath.split('/').includes('..')) continue
    if (best === null || mount.rootPath.length < best.rootPath.length) best = mount
  }
  return best
}

/** A container's own cgroup, found by its first process. */
interface InitCgroup {
  readonly kind: CgroupHierarchy['kind']
  readonly path: string
}

/** Reads /proc/PID/cgroup; an empty list for a process that has ended. */
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
 * The cgroups of a first process that name its container. A path below another container is ignored: that container chooses the names
 * there.
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

/** A container and the path of its own cgroup. */
export interface CgroupOwner {
  readonly containerId: string
  readonly path: string
}

/** Confirmed paths. Bounded by the number of known containers: `forget` removes one. */
export class OwnCgroups {
  readonly #owners: Readonly<Record<CgroupHierarchy['kind'], Map<string, string>>> = { v1: new Map(), v2: new Map() }
  readonly #paths = new Map<string, Set<string>>()

  /** Registers `path` as the container's own. @returns false when it was known, or belongs to another container */
  add(kind: CgroupHierarchy['kind'], path: string, containerId: string): boolean {
    const owners = this.#owners[kind]
    if (owners.has(path)) return false
    owners.set(path, containerId)
    const paths = this.#paths.get(containerId) ?? new Set()
    this.#paths.set(containerId, paths.add(path))
    return true
  }

  /** New cgroups no longer belong to this container. */
  forget(containerId: string): void {
    for (const path of this.#paths.get(containerId) ?? []) {
      for (const owners of Object.values(this.#owners)) if (owners.get(path) === containerId) owners.delete(path)
    }
    this.#paths.delete(containerId)
  }

  /** The container whose own cgroup is at exactly this path. */
  ownerOf(kind: CgroupHierarchy['kind'], path: string): string | null {
    return this.#owners[kind].get(path) ?? null
  }

  /** The innermost container whose own cgroup is at this path or above it, and that cgroup's path. */
  innermost(kind: CgroupHierarchy['kind'], path: string): CgroupOwner | null {
    const owners = this.#owners[kind]
    if (owners.size === 0) return null
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const containerId = owners.get(path.slice(0, end))
      if (containerId !== undefined) return { containerId, path: path.slice(0, end) }
    }
    return null
  }
}
