// cgroup id -> path and membership, for every cgroup of the followed hierarchies: updated by kernel records, seeded and corrected by walks.
// Between the ring's records and the process table's queries. OwnCgroups decides which container a path belongs to; knows no runtime.
import type { CgroupHierarchy, CgroupOwner, OwnCgroups } from './cgroup-hierarchies.js'
import type { Logger } from '../../../infra/process/logger.js'
import { type ContainerClaim, parseCgroupPath } from '../../../infra/text/cgroup-path.js'
import type { CgroupFiles } from './cgroup-files.js'
import { cgroupIdAt, walkCgroups } from './cgroup-walk.js'
import { PassingCgroups } from './passing-cgroups.js'
import type { CgroupMembership } from '../container-index.js'

/** One cgroup in a checkpoint. */
interface SavedCgroup {
  readonly kind: CgroupHierarchy['kind']
  readonly cgroupId: bigint
  readonly path: string
  readonly owner: CgroupOwner | null
  readonly isRemoved: boolean
  /** Missing in a checkpoint of an older version. */
  readonly claimUid?: number | null
}

/** All cgroups, removed ones in the order of their removal. */
export type CgroupState = readonly SavedCgroup[]

/** Bounds of the tree. */
export interface CgroupTreeConfig {
  /**
   * Most live cgroups; default 65,536. More are stored for a while only and counted, except those that a runtime assigned to a container:
   * whoever may create cgroups without limit must not hide containers that start later.
   */
  readonly maxCgroups: number
  /** Most cgroups beyond `maxCgroups` stored at a time; default 8,192. The oldest is dropped and counted: while it exists, it is found again by its id. */
  readonly maxPassingCgroups: number
  /** Most removed cgroups stored for late events; default 8,192. The oldest is dropped and counted. */
  readonly maxRemovedCgroups: number
  /** Most ids that are searched for or stored as missing; default 4,096. At the bound the missing ones are dropped. */
  readonly maxMissingIds: number
  /** Shortest time between two walks on demand, milliseconds; default 1,000. Doubled after a walk without result, up to 30 times the setting. */
  readonly minWalkIntervalMs: number
}

/** An existing or removed cgroup. */
export interface CgroupNode {
  readonly kind: CgroupHierarchy['kind']
  readonly cgroupId: bigint
  readonly path: string
  readonly claim: ContainerClaim | null
  /** A kernel record reported its creation; false for one that a walk found. */
  readonly isRecorded: boolean
  owner: CgroupOwner | null
  membership: CgroupMembership
  isRemoved: boolean
  seenInWalk: number
}

/** Work done and entries lost, since the start. */
export interface CgroupTreeCounters {
  live: number
  removed: number
  walks: number
  /** Cgroups beyond the bound, which are stored for a while only. */
  refused: number
  /** Cgroups without a record that were found by their id. */
  foundById: number
  /** Removed cgroups, and those beyond the bound of live ones, that were dropped at their bounds. */
  forgotten: number
  /** Requested ids that were not found: the container of their processes stays unknown. */
  missing: number
}

type Absence = 'wanted' | 'walked for' | 'missing'

const KINDS = ['v1', 'v2'] as const
const SLOWEST_WALKS = 30

/** The tree. */
export class CgroupTree {
  /** Grows with every change of any membership. */
  generation = 0
  readonly #config: CgroupTreeConfig
  readonly #hierarchies: readonly CgroupHierarchy[]
  readonly #own: OwnCgroups
  readonly #files: CgroupFiles
  /** Beyond the bound. */
  readonly #passing: PassingCgroups<CgroupNode>
  readonly #onNew: (node: CgroupNode) => void
  readonly #log: Logger
  readonly #byId = { v1: new Map<bigint, CgroupNode>(), v2: new Map<bigint, CgroupNode>() }
  readonly #byPath = { v1: new Map<string, CgroupNode>(), v2: new Map<string, CgroupNode>() }
  readonly #removedNodes = new Set<CgroupNode>()
  /** Requested ids that are not known: waiting for a walk, searched by the running walk, or missing. */
  readonly #absent = { v1: new Map<bigint, Absence>(), v2: new Map<bigint, Absence>() }
  readonly #totals = { walks: 0, refused: 0, foundById: 0, forgotten: 0, missing: 0 }
  readonly #stopping = new AbortController()
  #walk: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #walkIntervalMs: number
  #lastWalkEndMs = Number.NEGATIVE_INFINITY

  /** @param onNew called for each cgroup that is added, by a record or by a walk */
  constructor(
    config: CgroupTreeConfig,
    hierarchies: readonly CgroupHierarchy[],
    own: OwnCgroups,
    files: CgroupFiles,
    onNew: (node: CgroupNode) => void,
    log: Logger,
  ) {
    this.#config = config
    this.#onNew = onNew
    this.#hierarchies = hierarchies
    this.#own = own
    this.#files = files
    this.#passing = new PassingCgroups(config.maxPassingCgroups)
    this.#log = log
    this.#walkIntervalMs = config.minWalkIntervalMs
  }

  /** Existing cgroups. */
  existing(): readonly CgroupNode[] {
    return KINDS.flatMap((kind) => [...this.#byId[kind].values()]).filter(({ isRemoved }) => !isRemoved)
  }

  /** Known cgroups, for `restore` in another process. */
  save(): CgroupState {
    return [...this.existing(), ...this.#removedNodes].map(({ kind, cgroupId, path, owner, isRemoved, membership }) => ({
      kind,
      cgroupId,
      path,
      owner,
      isRemoved,
      claimUid: membership.claimUid,
    }))
  }

  /** Restores what an earlier collector knew. Call before the first walk, which finds what was removed since. */
  restore(state: CgroupState): void {
    for (const { kind, cgroupId, path, owner, isRemoved, claimUid = null } of state) {
      if (!this.has(kind) || this.#byId[kind].has(cgroupId)) continue
      const claim = parseCgroupPath(path)
      const membership = { path, claim: claim?.containerId ?? null, claimUid, containerId: owner?.containerId ?? null }
      const node: CgroupNode = { kind, cgroupId, path, claim, isRecorded: false, owner, membership, isRemoved: false, seenInWalk: 0 }
      this.#byId[kind].set(cgroupId, node)
      if (isRemoved) this.#markRemoved(node)
      else this.#byPath[kind].set(path, node)
    }
  }

  /** Adds a new cgroup, if its hierarchy is followed. */
  created(cgroupId: bigint, hierarchyId: number, path: string, makerUid: number): void {
    const hierarchy = this.#hierarchies.find((candidate) => candidate.hierarchyId === hierarchyId)
    if (hierarchy !== undefined) this.#take(hierarchy, cgroupId, path, makerUid)
  }

  /** Marks a cgroup as removed; it stays available, up to a bound. */
  removed(cgroupId: bigint, hierarchyId: number): void {
    const hierarchy = this.#hierarchies.find((candidate) => candidate.hierarchyId === hierarchyId)
    const node = hierarchy === undefined ? undefined : this.#byId[hierarchy.kind].get(cgroupId)
    if (node !== undefined) this.#markRemoved(node)
  }

  /** The cgroup with this id. An unknown one is looked up by its id, and where that does not work, by a walk soon. */
  find(kind: CgroupHierarchy['kind'], cgroupId: bigint): CgroupNode | null {
    const node = this.#stored(kind, cgroupId)
    if (node !== undefined) return node
    const absent = this.#absent[kind]
    if (absent.has(cgroupId)) return null
    const hierarchy = this.#hierarchies.find((candidate) => candidate.kind === kind)
    const path = hierarchy === undefined ? null : this.#files.pathOf(hierarchy, cgroupId)
    if (hierarchy !== undefined && path !== null) {
      this.#totals.foundById++
      this.#take(hierarchy, cgroupId, path, null)
      return this.#stored(kind, cgroupId) ?? null
    }
    if (absent.size >= this.#config.maxMissingIds) this.#forgetMissing(kind)
    if (absent.size < this.#config.maxMissingIds) absent.set(cgroupId, 'wanted')
    this.#walkSoon()
    return null
  }

  /** True when a hierarchy of this kind is followed. */
  has(kind: CgroupHierarchy['kind']): boolean {
    return this.#hierarchies.some((hierarchy) => hierarchy.kind === kind)
  }

  /**
   * A path got an owner: recomputes the memberships at and below it, also those of removed cgroups.
   * @returns the newest cgroup at exactly this path, possibly removed
   */
  ownerAdded(kind: CgroupHierarchy['kind'], path: string): CgroupNode | null {
    let newest: CgroupNode | null = null
    for (const node of this.#all(kind)) {
      if (node.path === path) newest = node
      else if (!node.path.startsWith(path) || node.path[path.length] !== '/') continue
      this.#updateOwner(node)
    }
    return newest
  }

  /** The container has no cgroups any more: those that were its own, or below, belong to who owns them now. */
  ownerGone(containerId: string): void {
    for (const node of KINDS.flatMap((kind) => [...this.#all(kind)])) {
      if (node.owner?.containerId !== containerId) continue
      node.owner = this.#own.innermost(node.kind, node.path)
      node.membership = { ...node.membership, containerId: node.owner?.containerId ?? null }
      this.generation++
    }
  }

  /**
   * Checks for a cgroup at this path without a record, for example because the ring was full: for a running container that a runtime
   * reports, this recovers sooner than a walk.
   */
  async check(kind: CgroupHierarchy['kind'], path: string): Promise<void> {
    const hierarchy = this.#hierarchies.find((candidate) => candidate.kind === kind)
    if (hierarchy === undefined || this.#byPath[kind].has(path)) return
    const cgroupId = await cgroupIdAt(hierarchy, path)
    if (cgroupId !== null && !this.#byPath[kind].has(path)) this.#take(hierarchy, cgroupId, path, null)
  }

  /** Walks all hierarchies once; resolves at the end. */
  async walkNow(): Promise<void> {
    this.#walk ??= this.#walkAll().finally(() => {
      this.#walk = null
    })
    await this.#walk
  }

  counters(): CgroupTreeCounters {
    const removed = this.#removedNodes.size
    return { ...this.#totals, forgotten: this.#totals.forgotten + this.#passing.dropped, removed, live: this.#live }
  }

  #stored(kind: CgroupHierarchy['kind'], cgroupId: bigint): CgroupNode | undefined {
    return this.#byId[kind].get(cgroupId) ?? this.#passing.get(kind, cgroupId)
  }

  *#all(kind: CgroupHierarchy['kind']): Generator<CgroupNode> {
    yield* this.#byId[kind].values()
    for (const node of this.#passing.all()) if (node.kind === kind) yield node
  }

  get #live(): number {
    return this.#byId.v1.size + this.#byId.v2.size - this.#removedNodes.size
  }

  /** Ends a running walk, and prevents later ones. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#walk
  }

  /** @param makerUid of a recorded cgroup; null for one that was found */
  #take(hierarchy: CgroupHierarchy, cgroupId: bigint, path: string, makerUid: number | null, isWalked = false): void {
    const { kind } = hierarchy
    const known = this.#byId[kind].get(cgroupId)
    if (known !== undefined && known.path === path) {
      known.seenInWalk = this.#totals.walks
      return
    }
    const isBeyond = known === undefined && this.#live >= this.#config.maxCgroups && this.#own.ownerOf(kind, path) === null
    if (isBeyond && isWalked) return // when it is requested, it is looked up
    if (known !== undefined) this.#removedNodes.delete(known)
    const node = this.#nodeOf(hierarchy, cgroupId, path, makerUid)
    if (isBeyond) {
      this.#totals.refused++
      this.#passing.put(node)
      if (this.#absent[kind].delete(cgroupId)) this.generation++
      return this.#onNew(node)
    }
    this.#passing.remove(kind, cgroupId)
    const before = this.#byPath[kind].get(path)
    if (before !== undefined && before !== known) this.#markRemoved(before) // its removal was not reported
    this.#byId[kind].set(cgroupId, node)
    this.#byPath[kind].set(path, node)
    // An id that was not requested changes no answer.
    if (this.#absent[kind].delete(cgroupId) || known !== undefined) this.generation++
    this.#onNew(node)
  }

  #nodeOf(hierarchy: CgroupHierarchy, cgroupId: bigint, path: string, makerUid: number | null): CgroupNode {
    const { kind } = hierarchy
    const claim = parseCgroupPath(path)
    const owner = this.#own.innermost(kind, path)
    const claimUid = claim === null ? null : this.#claimUid(hierarchy, claim, path, makerUid)
    const membership = { path, claim: claim?.containerId ?? null, claimUid, containerId: owner?.containerId ?? null }
    const seenInWalk = this.#totals.walks
    return { kind, cgroupId, path, claim, isRecorded: makerUid !== null, owner, membership, isRemoved: false, seenInWalk }
  }

  /** Who could choose the name of the claim: that of this cgroup or of one above it. */
  #claimUid(hierarchy: CgroupHierarchy, { cgroupPath }: ContainerClaim, path: string, makerUid: number | null): number | null {
    if (cgroupPath === path && makerUid !== null) return makerUid
    const above = this.#byPath[hierarchy.kind].get(cgroupPath)
    return above === undefined ? this.#files.creatorAt(hierarchy, cgroupPath) : above.membership.claimUid
  }

  /** A confirmed cgroup keeps its container even if its path gets another owner; but a nested container may be confirmed later. */
  #updateOwner(node: CgroupNode): void {
    const owner = this.#own.innermost(node.kind, node.path)
    if (owner === null || (node.owner !== null && owner.path.length <= node.owner.path.length)) return
    node.owner = owner
    node.membership = { ...node.membership, containerId: owner.containerId }
    this.generation++
  }

  #markRemoved(node: CgroupNode): void {
    if (node.isRemoved) return
    node.isRemoved = true
    if (this.#byPath[node.kind].get(node.path) === node) this.#byPath[node.kind].delete(node.path)
    this.#removedNodes.add(node)
    if (this.#removedNodes.size <= this.#config.maxRemovedCgroups) return
    for (const oldest of this.#removedNodes) {
      this.#removedNodes.delete(oldest)
      this.#byId[oldest.kind].delete(oldest.cgroupId)
      this.#totals.forgotten++
      this.generation++
      break
    }
  }

  #walkSoon(): void {
    if (this.#timer !== null || this.#walk !== null || this.#stopping.signal.aborted) return
    const waitMs = Math.max(0, this.#lastWalkEndMs + this.#walkIntervalMs - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.walkNow()
    }, waitMs)
    this.#timer.unref()
  }

  async #walkAll(): Promise<void> {
    const number = ++this.#totals.walks
    this.#changeAbsence('wanted', 'walked for')
    const before = this.#byId.v1.size + this.#byId.v2.size
    for (const hierarchy of this.#hierarchies) {
      try {
        await this.#walkHierarchy(hierarchy, number)
      } catch (error) {
        this.#log.warn({ err: error, mountPoint: hierarchy.mountPoint }, 'cgroups could not be read')
      }
    }
    if (this.#stopping.signal.aborted) return
    this.#totals.missing += this.#changeAbsence('walked for', 'missing')
    const isFruitful = this.#byId.v1.size + this.#byId.v2.size > before
    const slowest = this.#config.minWalkIntervalMs * SLOWEST_WALKS
    this.#walkIntervalMs = isFruitful ? this.#config.minWalkIntervalMs : Math.min(this.#walkIntervalMs * 2, slowest)
    this.#lastWalkEndMs = performance.now()
    if (KINDS.some((kind) => [...this.#absent[kind].values()].includes('wanted'))) setImmediate(() => this.#walkSoon()).unref()
  }

  async #walkHierarchy(hierarchy: CgroupHierarchy, number: number): Promise<void> {
    const { kind } = hierarchy
    let walked = 0
    for await (const { cgroupId, path } of walkCgroups(hierarchy, this.#config.maxCgroups, this.#stopping.signal)) {
      this.#take(hierarchy, cgroupId, path, null, true)
      walked++
    }
    if (this.#stopping.signal.aborted || walked === 0 || walked >= this.#config.maxCgroups) return
    // A cgroup that neither the complete walk nor a record since its start has seen was removed without a record.
    for (const node of this.#byId[kind].values()) if (node.seenInWalk < number) this.#markRemoved(node)
  }

  #changeAbsence(from: Absence, to: Absence): number {
    let changed = 0
    for (const kind of KINDS) {
      for (const [cgroupId, absence] of this.#absent[kind]) {
        if (absence !== from) continue
        this.#absent[kind].set(cgroupId, to)
        changed++
      }
    }
    return changed
  }

  #forgetMissing(kind: CgroupHierarchy['kind']): void {
    for (const [cgroupId, absence] of this.#absent[kind]) if (absence === 'missing') this.#absent[kind].delete(cgroupId)
  }
}
