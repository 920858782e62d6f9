// A container index that knows what a test sets, and records its calls.
import { type CgroupMembership, type ContainerIndex, UNKNOWN_CGROUP } from '../../../collector/containers/container-index.js'

/** @see ContainerIndex */
export class FakeContainerIndex implements ContainerIndex {
  generation = 1
  asked = 0
  readonly calls: string[] = []
  readonly #memberships = new Map<string, CgroupMembership>()

  /** From now on the cgroup has this membership. */
  put(cgroupId: bigint, membership: CgroupMembership, isV1 = false): void {
    this.#memberships.set(`${String(cgroupId)} ${String(isV1)}`, membership)
    this.generation++
  }

  /** From now on the cgroup has this membership, and nothing reports that an answer changed. */
  appear(cgroupId: bigint, membership: CgroupMembership): void {
    this.#memberships.set(`${String(cgroupId)} false`, membership)
  }

  cgroupCreated(cgroupId: bigint, hierarchyId: number, path: string, makerUid: number): void {
    this.calls.push(`created ${String(cgroupId)} ${String(hierarchyId)} ${path} by ${String(makerUid)}`)
  }

  cgroupRemoved(cgroupId: bigint, hierarchyId: number): void {
    this.calls.push(`removed ${String(cgroupId)} ${String(hierarchyId)}`)
  }

  membershipOf(cgroupId: bigint, isV1: boolean): CgroupMembership {
    this.asked++
    return this.#memberships.get(`${String(cgroupId)} ${String(isV1)}`) ?? UNKNOWN_CGROUP
  }
}
