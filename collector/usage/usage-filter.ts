// Whose aggregates are told: by process and by container. What is left out is counted, and no part of the rest.
import { isChosenContainer } from '../containers/container-choice.js'
import type { UsageOwner, UsagePlace } from './usage-owner.js'

/** Nobody is left out by an empty list. */
export interface UsageFilter {
  readonly pids: readonly number[]
  /** Ids of containers, beginnings of them (six hex digits at least), or names. */
  readonly containers: readonly string[]
  /** Name of a container; null while no runtime told it: then it is found by its id only. Default: nobody has one. */
  nameOf?(containerId: string): string | null
}

/** Whether the filter wants aggregates of a process. */
export function isPidWanted({ pids }: UsageFilter, { pid }: Pick<UsageOwner, 'pid'>): boolean {
  return pids.length === 0 || pids.includes(pid)
}

/** Whether the filter wants aggregates of a place. */
export function isPlaceWanted({ containers, nameOf }: UsageFilter, { containerId, containerClaim }: UsagePlace): boolean {
  if (containers.length === 0) return true
  const id = containerId ?? containerClaim
  if (id === null) return false
  const name = nameOf?.(id) ?? null
  return containers.some((wanted) => isChosenContainer(wanted, id, name))
}
