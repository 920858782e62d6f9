// Whose aggregates are told: by process and by container. What is left out is counted, and no part of the rest.
import type { UsageOwner, UsagePlace } from './usage-owner.js'

/** Nobody is left out by an empty list. */
export interface UsageFilter {
  readonly pids: readonly number[]
  /** Ids of containers, or beginnings of them. */
  readonly containers: readonly string[]
}

/** Whether the filter wants aggregates of a process. */
export function isPidWanted({ pids }: UsageFilter, { pid }: Pick<UsageOwner, 'pid'>): boolean {
  return pids.length === 0 || pids.includes(pid)
}

/** Whether the filter wants aggregates of a place. */
export function isPlaceWanted({ containers }: UsageFilter, { containerId, containerClaim }: UsagePlace): boolean {
  if (containers.length === 0) return true
  const id = containerId ?? containerClaim
  return id !== null && containers.some((wanted) => id.startsWith(wanted))
}
