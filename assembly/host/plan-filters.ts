// From a watch plan to what the probes are told besides its kinds: outcomes, and which opens by intent and path. Its places and command names narrow
// nothing: a process may change its name, and a container is known later than its first event. More is told than a plan asks for, never less.
import { KIND } from '../../collector/ring-events/event-kinds.js'
import type { PlannedFilters } from '../../collector/watch/planned-filters.js'
import type { PlannedWatch, PlannedWatches } from '../../infra/watch-plan/watch-plan-file.js'
import { kindsOfWatch, kindsOfWatches } from './plan-kinds.js'

/** What the plan needs; null for everything. */
export function filtersOfPlan(plan: PlannedWatches): PlannedFilters | null {
  const { mode, watches } = plan
  if (mode === 'forensic') return null
  const kindsWith = (outcome: 'succeeded' | 'failed'): ReadonlySet<number> =>
    withRemovals(
      kindsOfWatches(
        plan,
        watches.filter((watch) => isOf(watch, outcome)),
      ),
    )
  return {
    succeeded: kindsWith('succeeded'),
    failed: kindsWith('failed'),
    opens: watches.filter((watch) => kindsOfWatch(watch).includes(KIND.open) && !watch.eventTypes.every(isAlwaysTold)),
  }
}

/** Of the opens, these are asked neither their intent nor their path. */
const isAlwaysTold = (type: string): boolean => type === 'open_by_handle_at'

/** What became of a socket is told from all calls on it, whatever they gave. */
function isOf({ topic, outcome }: PlannedWatch, wanted: 'succeeded' | 'failed'): boolean {
  return topic === 'network' || (outcome ?? wanted) === wanted
}

/** unlinkat removes files and folders: which of both is known when its arguments are read. */
function withRemovals(kinds: ReadonlySet<number>): ReadonlySet<number> {
  return kinds.has(KIND.unlink) || kinds.has(KIND.rmdir) ? new Set([...kinds, KIND.unlink, KIND.rmdir]) : kinds
}
