// Filters over the control API: what is set, and other ones in their place.
import { EventFilterError, NO_EVENT_FILTERS, parseEventFilters, type EventFilters } from '../watch/event-filters.js'
import type { FilterSwitch } from '../watch/filter-switch.js'
import { ControlRefusal, type ControlAnswer } from './control-answer.js'

/** Filters as the API tells them. */
export interface FilterReport extends EventFilters {
  /** Cgroups that are left out now, because of the containers that filters name. */
  readonly cgroupsLeftOut: number
}

/** What a person set. */
export function currentFilters(filters: FilterSwitch): ControlAnswer {
  const report: FilterReport = { ...filters.filters, cgroupsLeftOut: filters.cgroupsLeftOut }
  return { status: 200, body: report }
}

/** Other filters in the place of those before. @param body JSON of EventFilters @throws ControlRefusal */
export function replaceFilters(filters: FilterSwitch, body: string): ControlAnswer {
  refuseRecording(filters)
  try {
    filters.set(parseEventFilters(JSON.parse(body)))
  } catch (error) {
    if (error instanceof EventFilterError) throw new ControlRefusal(400, error.message)
    if (error instanceof SyntaxError) throw new ControlRefusal(400, `the body is no JSON: ${error.message}`)
    throw error
  }
  return currentFilters(filters)
}

/** Nothing is left out by hand any more. @throws ControlRefusal */
export function clearFilters(filters: FilterSwitch): ControlAnswer {
  refuseRecording(filters)
  filters.set(NO_EVENT_FILTERS)
  return currentFilters(filters)
}

function refuseRecording({ canFilter }: FilterSwitch): void {
  if (!canFilter) throw new ControlRefusal(409, 'a recording is played: nothing can be left out')
}
