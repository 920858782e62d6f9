// Lists running containers without a running collector: queries the runtimes and reads /proc. Same rule as the tracker: a cgroup belongs to a
// container by the path that the runtime reports or by the first process, never by name alone.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { EunomiaError } from '../../infra/process/errors.js'
import { CGROUP_FILES } from './cgroups/cgroup-files.js'
import { findCgroupHierarchies, type CgroupHierarchy, ownCgroupsOfProcess, OwnCgroups } from './cgroups/cgroup-hierarchies.js'
import { parseCgroupLine, parseCgroupPath } from '../../infra/text/cgroup-path.js'
import { walkCgroups } from './cgroups/cgroup-walk.js'
import { isOfRoot, mayConfirm } from './runtime-user.js'
import { isAbsence, RuntimeUnreachableError, type ContainerRuntime, type RuntimeContainer } from './runtime.js'

/** A running container. */
export interface ListedContainer extends RuntimeContainer {
  readonly runtime: ContainerRuntime['name']
  /** Path of its own cgroup, in v2 if it has one there; null when it was not found. */
  readonly cgroupPath: string | null
  /** Id of that cgroup as in events, decimal; null when it has none in v2. */
  readonly cgroupId: string | null
  /** Its processes without those of nested containers; host namespace, ascending. */
  readonly pids: readonly number[]
}

/** Running containers of the runtimes that answer. */
export interface ContainerListing {
  readonly containers: readonly ListedContainer[]
  /** Runtimes that did not answer. One without a socket counts only when no other has one either: it may not be installed. */
  readonly unreachable: readonly { readonly runtime: ContainerRuntime['name']; readonly error: EunomiaError }[]
  /** Owners of cgroups. */
  readonly own: OwnCgroups
  readonly hierarchies: readonly CgroupHierarchy[]
}

/** Result of a lookup. */
export interface ContainerLookup {
  /** The innermost container that a runtime confirms; null on the host. */
  readonly container: ListedContainer | null
  /** Id that the cgroup path claims, confirmed or not. */
  readonly claim: string | null
  /** Path of the cgroup; null when it was not found. */
  readonly path: string | null
}

const CONCURRENCY = 8
const MAX_WALKED = 65_536

/** Queries every runtime for its running containers. */
export async function listContainers(runtimes: readonly ContainerRuntime[], signal: AbortSignal): Promise<ContainerListing> {
  const hierarchies = findCgroupHierarchies()
  const own = new OwnCgroups()
  const found: Omit<ListedContainer, 'pids'>[] = []
  const failed: { runtime: ContainerRuntime['name']; error: EunomiaError }[] = []
  // What root's runtimes report comes first: a user's may report the same id.
  for (const runtime of [...runtimes].sort((a, b) => Number(isOfRoot(b)) - Number(isOfRoot(a)))) {
    try {
      for (const container of await factsOfAll(runtime, signal)) {
        if (!isOfRoot(runtime) && found.some(({ containerId }) => containerId === container.containerId)) continue
        const paths = await confirm(own, hierarchies, container, runtime, signal)
        found.push({ ...container, runtime: container.runtimeName ?? runtime.name, ...(await placeOf(hierarchies, paths)) })
      }
    } catch (error) {
      if (!(error instanceof RuntimeUnreachableError)) throw error
      failed.push({ runtime: runtime.name, error })
    }
  }
  const hasAnyRuntime =
    failed.some(({ error }) => !isAbsence(error)) || runtimes.filter(({ isLocal }) => isLocal !== true).length > failed.length
  const unreachable = hasAnyRuntime ? failed.filter(({ error }) => !isAbsence(error)) : failed
  const pids = await pidsBy(hierarchies, (kind, path) => own.innermost(kind, path)?.containerId)
  const containers = found.map((container) => ({ ...container, pids: pids.get(container.containerId) ?? [] }))
  return { containers, unreachable, own, hierarchies }
}

/** Ids claimed by the cgroups of processes, with these processes. Unconfirmed: for hosts where no runtime answers. */
export async function claimedContainers(hierarchies: readonly CgroupHierarchy[]): Promise<ReadonlyMap<string, readonly number[]>> {
  return await pidsBy(hierarchies, (_kind, path) => parseCgroupPath(path)?.containerId)
}

/** The container of a process; `path` is null when there is no such process. */
export async function containerOfPid(listing: ContainerListing, pid: number): Promise<ContainerLookup> {
  return lookUp(listing, await cgroupsOfPid(pid, listing.hierarchies))
}

/** The container of a cgroup, by its path below the root of its hierarchy, or by its id (v2 where it exists). */
export async function containerOfCgroup(listing: ContainerListing, cgroup: string, signal: AbortSignal): Promise<ContainerLookup> {
  if (!/^\d{1,20}$/.test(cgroup))
    return lookUp(
      listing,
      listing.hierarchies.map(({ kind }) => ({ kind, path: cgroup })),
    )
  const cgroupId = BigInt(cgroup)
  const [hierarchy] = listing.hierarchies
  if (hierarchy !== undefined) {
    const path = CGROUP_FILES.pathOf(hierarchy, cgroupId)
    if (path !== null) return lookUp(listing, [{ kind: hierarchy.kind, path }])
    for await (const walked of walkCgroups(hierarchy, MAX_WALKED, signal)) {
      if (walked.cgroupId === cgroupId) return lookUp(listing, [{ kind: hierarchy.kind, path: walked.path }])
    }
  }
  return lookUp(listing, [])
}

/** Containers whose id starts with the text, or whose name equals it. */
export function containersById(listing: ContainerListing, idOrName: string): readonly ListedContainer[] {
  return listing.containers.filter(({ containerId, facts }) => containerId.startsWith(idOrName) || facts.name === idOrName)
}

async function factsOfAll(runtime: ContainerRuntime, signal: AbortSignal): Promise<RuntimeContainer[]> {
  const waiting = [...(await runtime.list(signal))]
  const found: RuntimeContainer[] = []
  const worker = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const container = await runtime.facts(id, signal)
      if (container !== null) found.push(container)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return found.sort((a, b) => a.facts.createdAtUs - b.facts.createdAtUs)
}

/** Same as the tracker: the runtime's paths; if it reports none, the cgroup of the first process, verified by a second query. */
async function confirm(
  own: OwnCgroups,
  hierarchies: readonly CgroupHierarchy[],
  container: RuntimeContainer,
  runtime: ContainerRuntime,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { containerId, initPid, cgroupPaths } = container
  const may = (kind: CgroupHierarchy['kind'], path: string): boolean =>
    hierarchies.some((hierarchy) => hierarchy.kind === kind && mayConfirm(runtime, hierarchy, path, CGROUP_FILES))
  for (const { kind } of hierarchies) for (const path of cgroupPaths) if (may(kind, path)) own.add(kind, path, containerId)
  if (initPid === null) return cgroupPaths
  const places = await ownCgroupsOfProcess(initPid, containerId, hierarchies)
  const others = places.filter(({ kind, path }) => own.ownerOf(kind, path) === null && may(kind, path))
  if (others.length === 0 || (await runtime.facts(containerId, signal))?.initPid !== initPid) return cgroupPaths
  for (const { kind, path } of others) own.add(kind, path, containerId)
  return [...cgroupPaths, ...others.map(({ path }) => path)]
}

/** The first of the paths that exists, v2 first. */
async function placeOf(
  hierarchies: readonly CgroupHierarchy[],
  paths: readonly string[],
): Promise<Pick<ListedContainer, 'cgroupPath' | 'cgroupId'>> {
  for (const { kind, mountPoint, rootPath } of hierarchies) {
    for (const path of paths) {
      const stats = await stat(join(mountPoint, relative(rootPath, path)), { bigint: true }).catch(() => null)
      if (stats !== null) return { cgroupPath: path, cgroupId: kind === 'v2' ? stats.ino.toString() : null }
    }
  }
  return { cgroupPath: null, cgroupId: null }
}

interface Place {
  readonly kind: CgroupHierarchy['kind']
  readonly path: string
}

/** Cgroups of a process, v2 first; an empty list for one that has ended. For a process in the v2 root the v1 cgroup counts. */
async function cgroupsOfPid(pid: number, hierarchies: readonly CgroupHierarchy[]): Promise<Place[]> {
  let text: string
  try {
    text = await readFile(`/proc/${pid}/cgroup`, 'utf8')
  } catch {
    return []
  }
  const places: Place[] = []
  for (const { kind, hierarchyId } of hierarchies) {
    for (const line of text.split('\n')) {
      const parsed = parseCgroupLine(line)
      if (parsed?.hierarchyId === hierarchyId) places.push({ kind, path: parsed.path })
    }
  }
  return places.length > 1 && places[0]?.path === '/' ? places.slice(1) : places
}

function lookUp(listing: ContainerListing, places: readonly Place[]): ContainerLookup {
  let claim: string | null = null
  for (const { kind, path } of places) {
    claim ??= parseCgroupPath(path)?.containerId ?? null
    const id = listing.own.innermost(kind, path)?.containerId
    const container = listing.containers.find(({ containerId }) => containerId === id)
    if (container !== undefined) return { container, claim, path }
  }
  return { container: null, claim, path: places[0]?.path ?? null }
}

/** Processes by the container that `idOf` returns for the first of their cgroups that has one. */
async function pidsBy(
  hierarchies: readonly CgroupHierarchy[],
  idOf: (kind: CgroupHierarchy['kind'], path: string) => string | undefined,
): Promise<Map<string, number[]>> {
  const pids = new Map<string, number[]>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    for (const { kind, path } of await cgroupsOfPid(Number(name), hierarchies)) {
      const id = idOf(kind, path)
      if (id === undefined) continue
      const ofContainer = pids.get(id) ?? []
      pids.set(id, ofContainer)
      ofContainer.push(Number(name))
      break
    }
  }
  for (const ofContainer of pids.values()) ofContainer.sort((a, b) => a - b)
  return pids
}
