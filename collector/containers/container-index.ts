// Which process is in which container: cgroup id -> path -> claimed id -> id that a runtime confirmed.
// The port between the process table (asks) and the container tracker (answers); knows no events, no Avro.
import type { ContainerEvent } from '../../schemas/generated/types.js'

/** What is known of one cgroup. The object of a cgroup is replaced, never changed, when more becomes known. */
export interface CgroupMembership {
  /** Path below the root of its hierarchy; null when the cgroup was never seen and is gone. */
  readonly path: string | null
  /** Id that the innermost container-like part of the path names, confirmed or not; null for none. */
  readonly claim: string | null
  /** Innermost id that a runtime confirmed for this very cgroup or one above it; null on the host, or while unconfirmed. */
  readonly containerId: string | null
}

/** A container event without its origin: the collector's publisher adds where and when. */
export type ContainerEventBody = Omit<ContainerEvent, 'origin'>

/** Asked per process (not per event): the process table keeps the answer until `generation` changes. */
export interface ContainerIndex {
  /** Grows with every change of any answer; a kept answer is good while it stands still. */
  readonly generation: number
  /** A kernel record told of a new cgroup, in the order of the ring. */
  cgroupCreated(cgroupId: bigint, hierarchyId: number, path: string): void
  /** A kernel record told of the end of a cgroup. Its answer is kept for late events, up to a bound. */
  cgroupRemoved(cgroupId: bigint, hierarchyId: number): void
  /**
   * Never blocks; asks the cgroup file system for cgroups that no record told of. `isV1`: the id is of the v1 hierarchy of pids (of
   * memory, where pids is not on v1). Ids are unique within a hierarchy only.
   */
  membershipOf(cgroupId: bigint, isV1: boolean): CgroupMembership
}

/** By its id, the beginning of it (six hex digits at least, so that no name is taken for one), or its name. @param name null while it is not known */
export function isChosenContainer(wanted: string, containerId: string, name: string | null): boolean {
  return (/^[0-9a-f]{6,}$/.test(wanted) && containerId.startsWith(wanted)) || name === wanted
}
