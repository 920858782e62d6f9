// From a watch plan to what the probes are told besides its kinds: outcomes, and which opens by intent and path. Its places and command names narrow
// nothing: a process may change its name, and a container is known later than its first event. More is told than a plan asks for, never less.
import { KIND } from '../../collector/ring-events/event-kinds.js'
import type { PlannedFilters } from '../../collector/watch/planned-filters.js'
import type { PlannedWatch, PlannedWatches } from '../../infra/watch-plan-file.js'
import { kindsOfWatch } from './plan-kinds.js'

/** What the plan needs; null for everything. */
export function filtersOfPlan({ mode, watches }: PlannedWatches): PlannedFilters | null {
  if (mode === 'forensic') return null
  const kindsWith = (outcome: 'succeeded' | 'failed'): ReadonlySet<number> =>
    withRemovals(new Set(watches.flatMap((watch) => (isOf(watch, outcome) ? kindsOfWatch(watch) : []))))
  return {
    succeeded: kindsWith('succeeded'),
    failed: kindsWith('failed'),
    opens: watches.filter((watch) => kindsOfWatch(watch).includes(KIND.open)),
  }
}

/** What became of a socket is told from all calls on it, whatever they gave. */
function isOf({ topic, outcome }: PlannedWatch, wanted: 'succeeded' | 'failed'): boolean {
  return topic === 'network' || (outcome ?? wanted) === wanted
}

/** unlinkat removes files and folders: which of both is known when its arguments are read. */
function withRemovals(kinds: Set<number>): ReadonlySet<number> {
  if (kinds.has(KIND.unlink) || kinds.has(KIND.rmdir)) kinds.add(KIND.unlink).add(KIND.rmdir)
  return kinds
}
