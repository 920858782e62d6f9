// Joins kernel cgroups with containers of the runtimes: resolves the container of a cgroup, and publishes container events.
// A container is confirmed for a cgroup only when a runtime knows its id and the cgroup is at the path that the runtime reported, or holds the
// container's first process. A cgroup that is only named like a container stays a claim. (Whoever may write to the runtime's parent cgroup is
// root on the host, and could also move processes into the real one.)
import { type CgroupTreeConfig, type CgroupTreeCounters, type CgroupState, CgroupTree, type CgroupNode } from './cgroups/cgroup-tree.js'
import { KnownContainers, type KnownContainer } from './known-containers.js'
import { setTimeout as delay } from 'node:timers/promises'
import type { Part } from '../../infra/process/lifecycle.js'
import type { Logger } from '../../infra/process/logger.js'
import { within } from '../../infra/waiting/clock.js'
import { deferred } from '../../infra/waiting/waiters.js'
import { CGROUP_FILES, type CgroupFiles } from './cgroups/cgroup-files.js'
import { findCgroupHierarchies, type CgroupHierarchy, ownCgroupsOfProcess, OwnCgroups } from './cgroups/cgroup-hierarchies.js'
import { UNKNOWN_CGROUP, type CgroupMembership, type ContainerIdentity, type ContainerIndex } from './container-index.js'
import { ContainerPublisher, type ContainerEventListener } from './container-publisher.js'
import { RuntimeWatch, type RuntimeWatchConfig } from './runtime-watch.js'
import type { ContainerRuntime } from './runtime.js'
import { isOfRoot, mayConfirm } from './runtime-user.js'

/** Settings of the tracker. */
export interface ContainerTrackerConfig extends CgroupTreeConfig, RuntimeWatchConfig {
  /** Interval at which the facts of all running containers are republished, milliseconds; default one hour. */
  readonly snapshotIntervalMs: number
  /** Longest time that the start waits for runtimes, milliseconds; default 3,000. Later answers are used too. */
  readonly startTimeoutMs: number
}

/** Defaults of {@link ContainerTrackerConfig}. */
export const CONTAINER_TRACKER_DEFAULTS: ContainerTrackerConfig = {
  maxCgroups: 65_536,
  maxPassingCgroups: 8192,
  maxRemovedCgroups: 8192,
  maxMissingIds: 4096,
  minWalkIntervalMs: 1000,
  concurrency: 8,
  maxWaiting: 4096,
  maxContainers: 16_384,
  maxRemovedContainers: 1024,
  snapshotIntervalMs: 3_600_000,
  startTimeoutMs: 3000,
  maxClaimsPerSecond: 100,
  maxAttempts: 4,
}

/** What the heartbeat reports of the tracker, since the start. */
interface ContainerTrackerCounters {
  readonly cgroups: CgroupTreeCounters
  /** Containers that runtimes reported and that are not removed. */
  readonly containers: number
  readonly containersRefused: number
  readonly asksRefused: number
  /** Queries that no runtime answered. */
  readonly asksFailed: number
  /** Cgroups named like a container that were not queried, because there were too many in one second. */
  readonly claimsRefused: number
  /** Cgroups named like a container that no runtime knows. */
  readonly claimsUnknown: number
  /** Containers of a user's runtime that a runtime of root reported, too: that one is believed. */
  readonly takenOver: number
  /** Reports about a container that another runtime reported first; they are ignored. */
  readonly reportedByOthers: number
  /** Counters of the runtime clients, summed by name of the runtime. */
  readonly runtimes: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Cgroups named like a known container, at a path that is not its own. */
  readonly claimsElsewhere: number
  /** Reported cgroups that are not where this runtime may have containers: below what another user controls. */
  readonly confirmationsRefused: number
  /** Events not published, of containers that only a user's runtime reports, without a cgroup of that user. */
  readonly reportsWithheld: number
}

/** Dependencies of the tracker. */
export interface ContainerTrackerDeps {
  readonly runtimes: readonly ContainerRuntime[]
  /** Receives container events. */
  readonly onEvent: ContainerEventListener
  readonly log: Logger
  /** Cgroups that an earlier collector knew; default none. */
  readonly savedCgroups?: CgroupState
  /** Hierarchies to follow; default those of this host. */
  readonly hierarchies?: readonly CgroupHierarchy[]
  /** Looks up single cgroups; default in the hierarchies. */
  readonly files?: CgroupFiles
}

const SNAPSHOT_AT_A_TIME = 50
const SNAPSHOT_PAUSE_MS = 20

/**
 * Starts the tracker: resolves when the cgroups are walked and the runtimes have listed what runs, at the latest after `startTimeoutMs`.
 * An unreachable runtime is retried in the background.
 */
export async function startContainerTracker(config: ContainerTrackerConfig, deps: ContainerTrackerDeps): Promise<ContainerTracker> {
  const tracker = new ContainerTracker(config, deps)
  await tracker.start()
  return tracker
}

/** The tracker. */
export class ContainerTracker implements ContainerIndex, Part {
  readonly done: Promise<void>
  readonly #config: ContainerTrackerConfig
  readonly #log: Logger
  readonly #runtimes: readonly ContainerRuntime[]
  readonly #hierarchies: readonly CgroupHierarchy[]
  readonly #own = new OwnCgroups()
  readonly #tree: CgroupTree
  readonly #known: KnownContainers
  readonly #publish: ContainerPublisher
  readonly #watch: RuntimeWatch
  readonly #files: CgroupFiles
  #claimsElsewhere = 0
  #confirmationsRefused = 0
  #snapshotTimer: NodeJS.Timeout | null = null
  readonly #ended = deferred()
  #stopped: Promise<void> | null = null

  constructor(config: ContainerTrackerConfig, deps: ContainerTrackerDeps) {
    this.#config = config
    this.#log = deps.log
    this.#runtimes = deps.runtimes
    this.#hierarchies = deps.hierarchies ?? findCgroupHierarchies()
    this.#files = deps.files ?? CGROUP_FILES
    this.#tree = new CgroupTree(config, this.#hierarchies, this.#own, this.#files, (node) => this.#onNewCgroup(node), deps.log)
    this.#tree.restore(deps.savedCgroups ?? [])
    this.#known = new KnownContainers(config, (containerId, isTakenOver) => this.#forget(containerId, isTakenOver))
    this.#publish = new ContainerPublisher(deps.onEvent)
    this.#watch = new RuntimeWatch(config, {
      runtimes: deps.runtimes,
      containers: this.#known,
      publish: this.#publish,
      confirmPaths: (container, paths) => this.#confirmPaths(container, paths),
      confirmByInit: (container, initPid) => this.#confirmByInit(container, initPid),
    })
    this.done = this.#ended.promise
  }

  /** Use startContainerTracker. */
  async start(): Promise<void> {
    this.#snapshotTimer = setInterval(() => void this.#publishSnapshot(), this.#config.snapshotIntervalMs)
    this.#snapshotTimer.unref()
    // Cgroups first: then a container that a runtime lists is published once, together with its cgroup.
    const ready = this.#tree.walkNow().then(() => this.#watch.start())
    await within(this.#config.startTimeoutMs, ready)
    if (!this.#watch.areAllAway) return
    const sockets = [...new Set(this.#runtimes.flatMap(({ socketPath }) => socketPath ?? []))]
    const reason = `no answer at ${sockets.join(', ')}`
    this.#log.warn({ reason }, 'containers have no names and images: no container runtime answers; retrying')
  }

  get generation(): number {
    return this.#tree.generation
  }

  cgroupCreated(cgroupId: bigint, hierarchyId: number, path: string, makerUid: number): void {
    this.#tree.created(cgroupId, hierarchyId, path, makerUid)
  }

  cgroupRemoved(cgroupId: bigint, hierarchyId: number): void {
    this.#tree.removed(cgroupId, hierarchyId)
  }

  membershipOf(cgroupId: bigint, isV1: boolean): CgroupMembership {
    return this.#tree.find(isV1 ? 'v1' : 'v2', cgroupId)?.membership ?? UNKNOWN_CGROUP
  }

  /** Every existing cgroup. */
  cgroups(): Iterable<CgroupNode> {
    return this.#tree.existing()
  }

  /** Name of a container; null until a runtime reports it. */
  nameOf(containerId: string): string | null {
    return this.#known.get(containerId)?.facts?.name ?? null
  }

  /** What a runtime reported of a container; null before that. For filters. */
  identityOf(containerId: string): ContainerIdentity | null {
    const container = this.#known.get(containerId)
    if (container === undefined || container.facts === null) return null
    const { name, pod, imageDigest, imageId } = container.facts
    const images = [imageDigest, imageId].flatMap((image) => (image === null ? [] : image.slice(image.lastIndexOf('@') + 1)))
    return { name, runtime: container.runtimeName, isOfRoot: isOfRoot(container.runtime), isOfPod: pod !== null, images }
  }

  /** Every container that a runtime reported, including removed ones that are still stored. */
  containers(): Iterable<KnownContainer> {
    return this.#known.all()
  }

  /** No runtime can be reached, so containers have no names. */
  get isRuntimeAway(): boolean {
    return this.#watch.areAllAway
  }

  /** Known cgroups, for the next collector. */
  saveCgroups(): CgroupState {
    return this.#tree.save()
  }

  /** For the heartbeat. */
  counters(): ContainerTrackerCounters {
    return {
      ...this.#watch.counters,
      cgroups: this.#tree.counters(),
      containers: this.#known.size,
      containersRefused: this.#known.refused,
      asksRefused: this.#watch.asksRefused,
      claimsElsewhere: this.#claimsElsewhere,
      confirmationsRefused: this.#confirmationsRefused,
      reportsWithheld: this.#publish.withheld,
      runtimes: this.#watch.runtimeCounters(),
    }
  }

  stop(_reason: string): Promise<void> {
    this.#stopped ??= this.#end()
    return this.#stopped
  }

  async #end(): Promise<void> {
    if (this.#snapshotTimer !== null) clearInterval(this.#snapshotTimer)
    await Promise.all([this.#tree.stop(), this.#watch.stop()])
    this.#ended.resolve()
  }

  /** In batches, so that thousands of containers neither delay process events nor fill the publisher's buffer. */
  async #publishSnapshot(): Promise<void> {
    let count = 0
    for (const container of this.#known.all()) {
      if (this.#stopped !== null) return
      if (container.state !== 'running' || container.facts === null) continue
      this.#publish.facts(container)
      if (++count % SNAPSHOT_AT_A_TIME === 0) await delay(SNAPSHOT_PAUSE_MS, undefined, { ref: false })
    }
  }

  #onNewCgroup(node: CgroupNode): void {
    const owner = this.#own.ownerOf(node.kind, node.path)
    const container = owner === null ? undefined : this.#known.get(owner)
    if (container !== undefined) return this.#ownCgroup(container, node)
    const { claim } = node
    if (claim === null || claim.cgroupPath !== node.path) return
    const { containerId } = claim
    const asked = this.#known.get(containerId) === undefined ? this.#watch.askClaimed(containerId) : Promise.resolve()
    void asked.then(() => {
      if (this.#known.get(containerId) !== undefined && node.membership.containerId !== containerId) this.#claimsElsewhere++
    })
  }

  /** The container's own cgroup exists. On a hybrid host the v2 cgroup counts, if there is one. */
  #ownCgroup(container: KnownContainer, node: CgroupNode): void {
    if (container.cgroup === node) return
    if (node.kind === 'v1' && this.#hierarchies.some((hierarchy) => hierarchy.kind === 'v2')) {
      if (container.cgroup?.kind !== 'v2') container.cgroup = node
      return
    }
    container.cgroup = node
    if (node.isRecorded) this.#publish.created(container)
    else this.#publish.factsOnce(container)
  }

  /** What ran in its cgroups stays its own, unless it is reported by another runtime now, which confirms them itself. */
  #forget(containerId: string, isTakenOver: boolean): void {
    this.#own.forget(containerId)
    if (isTakenOver) this.#tree.ownerGone(containerId)
  }

  #confirmPaths(container: KnownContainer, paths: readonly string[]): void {
    for (const { kind } of this.#hierarchies) for (const path of paths) this.#confirm(container, kind, path)
  }

  #confirm(container: KnownContainer, kind: CgroupHierarchy['kind'], path: string): void {
    const hierarchy = this.#hierarchies.find((candidate) => candidate.kind === kind)
    if (hierarchy !== undefined && !mayConfirm(container.runtime, hierarchy, path, this.#files)) {
      this.#confirmationsRefused++
      return
    }
    const node = this.#own.add(kind, path, container.containerId) ? this.#tree.ownerAdded(kind, path) : null
    if (node !== null) this.#ownCgroup(container, node)
    else if (container.state === 'running' && this.#own.ownerOf(kind, path) === container.containerId) void this.#tree.check(kind, path)
  }

  /** Queries the facts again after reading /proc, to make sure that the pid was the container's then, and not reused by another process. */
  async #confirmByInit(container: KnownContainer, initPid: number): Promise<void> {
    const { containerId, runtime } = container
    const places = await ownCgroupsOfProcess(initPid, containerId, this.#hierarchies)
    if (places.length === 0) return
    const again = await runtime.facts(containerId, AbortSignal.timeout(this.#config.startTimeoutMs)).catch(() => null)
    if (again?.initPid !== initPid) return
    for (const { kind, path } of places) this.#confirm(container, kind, path)
  }
}
