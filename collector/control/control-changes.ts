// Changes of the control API other than event trackers: filters, trackers of aggregates, and settings of aggregates.
import { EventFilterError, NO_EVENT_FILTERS, parseEventFilters } from '../watch/event-filters.js'
import type { FilterSwitch } from '../watch/filter-switch.js'
import { ControlRefusal, type ControlAnswer, type FilterReport, type TrackerReport, type UsageReport } from './control-answers.js'
import { ConfigError } from '../../infra/config/setting-value.js'
import { parseUsageChange } from '../usage/usage-settings.js'
import type { UsageTrackers, UsageTrackerState } from '../usage/usage-trackers.js'
import { ProbeUnavailableError } from '../../native/requirements.js'
import { messageOf } from '../../infra/process/errors.js'

/** Returns the filters of a user. */
export function currentFilters(filters: FilterSwitch): ControlAnswer {
  const report: FilterReport = { ...filters.filters, cgroupsLeftOut: filters.cgroupsLeftOut }
  return { status: 200, body: report }
}

/** Replaces the filters. @param body JSON of EventFilters @throws ControlRefusal */
export function replaceFilters(filters: FilterSwitch, body: string): ControlAnswer {
  refuseRecording(filters)
  try {
    filters.set(parseEventFilters(JSON.parse(body)))
  } catch (error) {
    if (error instanceof EventFilterError) throw new ControlRefusal(400, error.message)
    if (error instanceof SyntaxError) throw new ControlRefusal(400, `the body is not JSON: ${error.message}`)
    throw error
  }
  return currentFilters(filters)
}

/** Removes the filters of a user. @throws ControlRefusal */
export function clearFilters(filters: FilterSwitch): ControlAnswer {
  refuseRecording(filters)
  filters.set(NO_EVENT_FILTERS)
  return currentFilters(filters)
}

function refuseRecording({ canFilter }: FilterSwitch): void {
  if (!canFilter) throw new ControlRefusal(409, 'a recording is played: it can not be filtered')
}

/** Access to the settings; null when no aggregates are read. */
export type AskedUsage = Pick<UsageTrackers, 'settings' | 'change'> | null

/** Returns the current settings. @throws ControlRefusal */
export function currentUsage(usage: AskedUsage): ControlAnswer {
  const body: UsageReport = existing(usage).settings
  return { status: 200, body }
}

/** Changes settings; absent fields stay. @param body JSON of UsageChange @throws ControlRefusal */
export async function changeUsage(usage: AskedUsage, body: string): Promise<ControlAnswer> {
  const changed = existing(usage)
  try {
    await changed.change(parseUsageChange(JSON.parse(body)))
  } catch (error) {
    if (error instanceof ConfigError) throw new ControlRefusal(400, error.message)
    if (error instanceof SyntaxError) throw new ControlRefusal(400, `the body is not JSON: ${error.message}`)
    throw error
  }
  return currentUsage(changed)
}

function existing(usage: AskedUsage): Exclude<AskedUsage, null> {
  if (usage === null)
    throw new ControlRefusal(409, 'aggregates are not available here: only `eunomia collect` on a live host produces them')
  return usage
}

/** Returns all trackers of aggregates. */
export function usageReports(usage: Pick<UsageTrackers, 'states'> | null): readonly TrackerReport[] {
  return usage?.states().map(reportOf) ?? []
}

/** Starts or stops a tracker of aggregates. @throws ControlRefusal when the kernel can't run it */
export async function switchUsage(
  usage: Pick<UsageTrackers, 'start' | 'stop' | 'states'>,
  name: string,
  isStarted: boolean,
): Promise<TrackerReport> {
  try {
    if (isStarted) await usage.start(name)
    else await usage.stop(name)
  } catch (error) {
    throw new ControlRefusal(
      409,
      `${name} can't be started: ${messageOf(error)}${error instanceof ProbeUnavailableError && error.isForbidden ? LATE_LOAD : ''}`,
    )
  }
  const state = usage.states().find((one) => one.name === name)
  if (state === undefined) throw new ControlRefusal(404, `there is no tracker ${name}`)
  return reportOf(state)
}

/** A program that is loaded at the start can be started later. */
const LATE_LOAD =
  '. No program can be loaded after privileges are dropped: name it in collector.usage.ready or collector.usage.trackers, or set collector.privileges=keep'

function reportOf({ name, description, isOn, cause, problem, records, filtered }: UsageTrackerState): TrackerReport {
  return {
    name,
    description,
    state: isOn ? 'on' : 'off',
    cause,
    problem,
    kinds: ['usage'],
    alwaysEmitted: [],
    emitted: records,
    suppressed: filtered,
  }
}
