// The trackers of aggregates as the settings have them, over programs of this kernel.
import { findV1Hierarchy } from '../../collector/containers/cgroups/cgroup-hierarchies.js'
import { USAGE_TRACKERS } from '../../collector/usage/all-trackers.js'
import { UsageTrackers } from '../../collector/usage/usage-trackers.js'
import type { Config } from '../../infra/config/config-schema.js'
import { UsageError } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import { openUsageTables } from '../../native/open-usage-tables.js'
import { ownPid } from './own-pid.js'

/** Makes them and loads their programs; they start with the collector. @throws UsageError for a name that none has */
export function usageTrackersOf({ usage }: Config['collector'], log: Logger): UsageTrackers {
  const { intervalMs, maxEntries, top, pids, containers } = usage
  for (const setting of ['trackers', 'ready'] as const) {
    const unknown = usage[setting].find((name) => !USAGE_TRACKERS.some((tracker) => tracker.name === name))
    if (unknown === undefined) continue
    const names = USAGE_TRACKERS.map(({ name }) => name).join(', ')
    throw new UsageError(`collector.usage.${setting}: there is no tracker of aggregates ${JSON.stringify(unknown)}; there are ${names}`)
  }
  const ignoredPid = ownPid()
  return new UsageTrackers(
    {
      trackers: USAGE_TRACKERS,
      open: (program, entries) => openUsageTables(program, { entries, ignoredPid }),
      settings: { intervalMs, pids: pids.map(Number), containers },
      ...{ maxEntries, top, log, v1HierarchyId: findV1Hierarchy()?.hierarchyId ?? null },
    },
    usage.trackers,
    usage.ready,
  )
}
