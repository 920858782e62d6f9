// What the probes of a host tell: kinds and filters, by the settings, by a plan and by hand. For `run` and `collect`.
import type { EventSource } from '../../collector/source/event-source.js'
import { eventFiltersOf } from '../../collector/watch/event-filters.js'
import { FilterSwitch } from '../../collector/watch/filter-switch.js'
import { KindSwitch } from '../../collector/watch/kind-switch.js'
import type { Config } from '../../infra/config/config-schema.js'
import type { Logger } from '../../infra/process/logger.js'
import type { PlannedWatches } from '../../infra/watch-plan/watch-plan-file.js'
import { filtersOfPlan } from './plan-filters.js'
import { kindsOfPlan } from './plan-kinds.js'

/** What is told, and how it is changed. */
export interface Watching {
  readonly kinds: KindSwitch
  readonly filters: FilterSwitch
}

/** Over a source that tells everything, with the filters of the settings. @throws EventFilterError for those that can't be read */
export function openWatching(source: EventSource, { filters: { only, except, outcome } }: Config['collector'], log: Logger): Watching {
  const kinds = new KindSwitch(source)
  const filters = new FilterSwitch(source, kinds, log)
  const wanted = eventFiltersOf(only, except, outcome)
  if (!filters.canFilter && wanted.outcome + only.join() + except.join() !== 'all') {
    log.warn({ only, except, outcome }, 'collector.filters are not asked: a recording is played whole')
  }
  filters.set(wanted)
  return { kinds, filters }
}

/** Switches to what a plan asks for, and says so. @throws what the kernel refuses with; the plan before stays in force */
export function applyPlan(plan: PlannedWatches, { kinds, filters }: Watching, log: Logger): void {
  const before = filters.planned
  filters.plan(filtersOfPlan(plan))
  try {
    kinds.plan(kindsOfPlan(plan))
  } catch (error) {
    filters.plan(before)
    throw error
  }
  log.info({ mode: plan.mode, ruleSet: plan.ruleSetHash, kinds: kinds.watched.size }, 'a watch plan is in force')
}
