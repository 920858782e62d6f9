// Whether an event of a file passes the filters that are created from a plan: kinds, outcomes, and for opens the verdict on path and argument.
import { filtersOfPlan, kindsOfPlan } from '../../../assembly/watching.js'
import { KIND, OPEN_WAY } from '../../../native/generated/layout.js'
import { kindFacts } from '../../../collector/ring-events/event-kinds.js'
import { openFiltersOf } from '../../../collector/watch/planned-filters.js'
import { opensSetId, type WatchPlan } from '../../../infra/watch-plan/watch-plan.js'
import type { RuleEvent } from '../../../processors/rule-engine/fields/rule-event.js'

const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

/** @returns a predicate; true for events of other topics */
export function reachesCollector(plan: WatchPlan): (event: RuleEvent) => boolean {
  const kinds = kindsOfPlan(plan)
  const filters = filtersOfPlan(plan)
  const opens = openFiltersOf(filters?.opens ?? [])
  return ({ event }) => {
    if (event.topic !== 'file' || kinds === null || filters === null) return true
    const { type, result, syscall, route, isRead, isWrite, isCreated, flags, mode, path, pathArgument } = event.record
    const kind = Object.values(KIND).find((one) => kindFacts(one)?.topic === 'file' && kindFacts(one)?.name === type) ?? -1
    if (!kinds.has(kind)) return false
    if (route === 'x32') return true
    if (!(result >= 0 ? filters.succeeded : filters.failed).has(kind)) return false
    if (type !== 'open' || syscall === 'open_by_handle_at') return true
    const setId = result >= 0 && opensSetId(flags, event.record.inode === null ? null : isCreated, mode ?? 0) ? OPEN_WAY.setId : 0
    const way = (isRead ? OPEN_WAY.read : 0) | (isWrite ? OPEN_WAY.write : 0) | (isCreated ? OPEN_WAY.created : 0) | setId
    const choice = result >= 0 ? opens.opened[way] : opens.openFailed[way]
    if (choice === 'emitted' || choice === 'leftOut') return choice === 'emitted'
    if (path === null) return true
    const wants = (argument: string | null): boolean => opens.wants?.(latin1(path), argument, way) === true
    return (choice === 'byArgument' || wants(null)) && (choice === 'byPath' || wants(latin1(pathArgument ?? '')))
  }
}
