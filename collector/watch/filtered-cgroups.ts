// Which cgroups a filter by container leaves out. Only what is known for sure: a container that a runtime confirmed, and what is in none. What
// is only named like a container, or has no name yet, is told until it is known.
import { isChosenContainer } from '../containers/container-choice.js'
import type { EventFilters } from './event-filters.js'

/** A cgroup as filters see it. */
export interface FilterableCgroup {
  readonly kind: 'v1' | 'v2'
  readonly cgroupId: bigint
  readonly membership: { readonly claim: string | null; readonly containerId: string | null }
}

/** Where cgroups and the names of containers are known. */
export interface CgroupSource {
  /** Cgroups that are there. */
  cgroups(): Iterable<FilterableCgroup>
  /** Name of a container; null while it is not known. */
  nameOf(containerId: string): string | null
}

/** A cgroup that is left out. */
export type LeftOutCgroup = Pick<FilterableCgroup, 'kind' | 'cgroupId'>

const HOST = 'host'

/** True when a filter asks which container an event is of. */
export function asksForContainers({ only, except }: EventFilters): boolean {
  return only.container.length > 0 || except.container.length > 0
}

/** Cgroups that the filters leave out. */
export function leftOutCgroups(filters: EventFilters, source: CgroupSource): LeftOutCgroup[] {
  if (!asksForContainers(filters)) return []
  return [...source.cgroups()].filter((cgroup) => isLeftOut(filters, cgroup.membership, source))
}

function isLeftOut({ only, except }: EventFilters, membership: FilterableCgroup['membership'], source: CgroupSource): boolean {
  const isExcepted = isOneOf(except.container, membership, source)
  if (isExcepted === true) return true
  return only.container.length > 0 && isOneOf(only.container, membership, source) === false
}

/** Null while it can't be said. */
function isOneOf(names: readonly string[], { claim, containerId }: FilterableCgroup['membership'], source: CgroupSource): boolean | null {
  if (containerId === null) return claim === null ? names.includes(HOST) : null
  const name = source.nameOf(containerId)
  const isOne = names.some((wanted) => isChosenContainer(wanted, containerId, name))
  return isOne || name !== null ? isOne : null
}
