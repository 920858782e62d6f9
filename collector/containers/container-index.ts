// Which process is in which container: cgroup id -> path -> claimed id -> id that a runtime confirmed.
// The port between the process table (queries) and the container tracker (answers); knows no events, no Avro.
import type { ContainerEvent } from '../../schemas/generated/types.js'

/** What is known about one cgroup. The object is replaced, never changed, when more becomes known. */
export interface CgroupMembership {
  /** Path below the root of its hierarchy; null when nothing is known of the cgroup: it was removed before it was seen. */
  readonly path: string | null
  /** Id named by the innermost container-like part of the path, confirmed or not; null for none. */
  readonly claim: string | null
  /** Who could choose the name that claims it, in the initial user namespace: who created the cgroup, or owns the folder above it. Null without a claim, or when it is not known. */
  readonly claimUid: number | null
  /** Innermost id that a runtime confirmed for this cgroup or one above it; null on the host, or while unconfirmed. */
  readonly containerId: string | null
}

/** A cgroup of which nothing is known: neither that it is of a container, nor that it is of the host. */
export const UNKNOWN_CGROUP: CgroupMembership = { path: null, claim: null, claimUid: null, containerId: null }

/** True while it is not known whether a cgroup is of the host or of a container. */
export function isUnknownMembership({ path, containerId }: Pick<CgroupMembership, 'path' | 'containerId'>): boolean {
  return path === null && containerId === null
}

/** A container as its runtime reported it. */
export interface ContainerIdentity {
  readonly name: string
  /** Name of the runtime. */
  readonly runtime: string
  /** The runtime is root's. */
  readonly isOfRoot: boolean
  readonly isOfPod: boolean
  /** Digest and id of its image, `sha256:` and 64 digits. */
  readonly images: readonly string[]
}

/** A container event without its origin: the collector's publisher adds host and time. */
export type ContainerEventBody = Omit<ContainerEvent, 'origin'>

/** Queried per process (not per event): the process table caches the answer until `generation` changes. */
export interface ContainerIndex {
  /** Grows with every change of any answer; a cached answer is valid while it does not change. */
  readonly generation: number
  /** A kernel record reported a new cgroup, in the order of the ring. @param makerUid of the process that created it, in the initial user namespace */
  cgroupCreated(cgroupId: bigint, hierarchyId: number, path: string, makerUid: number): void
  /** A kernel record reported the removal of a cgroup. Its answer stays available for late events, up to a bound. */
  cgroupRemoved(cgroupId: bigint, hierarchyId: number): void
  /**
   * Never blocks; cgroups without a record are looked up in the cgroup file system. `isV1`: the id is from the v1 hierarchy of pids (of
   * memory, where pids is not on v1). Ids are unique only within a hierarchy.
   */
  membershipOf(cgroupId: bigint, isV1: boolean): CgroupMembership
}

/** Matches the id, a prefix of it (at least six hex digits, so that a name is not mistaken for one), or the name. @param name null while unknown */
export function isChosenContainer(wanted: string, containerId: string, name: string | null): boolean {
  return (/^[0-9a-f]{6,}$/.test(wanted) && containerId.startsWith(wanted)) || name === wanted
}
