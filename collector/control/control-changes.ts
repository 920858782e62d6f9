// What the control API changes besides event trackers: filters, trackers of aggregates, and when and of whom aggregates are read.
import { EventFilterError, NO_EVENT_FILTERS, parseEventFilters } from '../watch/event-filters.js'
import type { FilterSwitch } from '../watch/filter-switch.js'
import { ControlRefusal, type ControlAnswer, type FilterReport, type TrackerReport, type UsageReport } from './control-answers.js'
import { ConfigError } from '../../infra/config/setting-value.js'
import { parseUsageChange } from '../usage/usage-settings.js'
import type { UsageTrackers, UsageTrackerState } from '../usage/usage-trackers.js'
import { ProbeUnavailableError } from '../../native/requirements.js'
import { messageOf } from '../../infra/process/errors.js'

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

/** What can be asked; null where nobody reads aggregates. */
export type AskedUsage = Pick<UsageTrackers, 'settings' | 'change'> | null

/** What is in force. @throws ControlRefusal */
export function currentUsage(usage: AskedUsage): ControlAnswer {
  const body: UsageReport = existing(usage).settings
  return { status: 200, body }
}

/** Other values in the place of those before; what is not named stays. @param body JSON of UsageChange @throws ControlRefusal */
export async function changeUsage(usage: AskedUsage, body: string): Promise<ControlAnswer> {
  const changed = existing(usage)
  try {
    await changed.change(parseUsageChange(JSON.parse(body)))
  } catch (error) {
    if (error instanceof ConfigError) throw new ControlRefusal(400, error.message)
    if (error instanceof SyntaxError) throw new ControlRefusal(400, `the body is no JSON: ${error.message}`)
    throw error
  }
  return currentUsage(changed)
}

function existing(usage: AskedUsage): Exclude<AskedUsage, null> {
  if (usage === null) throw new ControlRefusal(409, 'no aggregates are made here: only `eunomia collect` makes them, of a live host')
  return usage
}

/** All of them. */
export function usageReports(usage: Pick<UsageTrackers, 'states'> | null): readonly TrackerReport[] {
  return usage?.states().map(reportOf) ?? []
}

/** Starts or stops one. @throws ControlRefusal when the kernel can't run it */
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

/** What is loaded at the start can be started later, too. */
const LATE_LOAD =
  '. Nothing can be loaded once the privileges are given up: name it in collector.usage.ready or collector.usage.trackers, or set collector.privileges=keep'

function reportOf({ name, description, isOn, cause, problem, records, filtered }: UsageTrackerState): TrackerReport {
  return {
    name,
    description,
    state: isOn ? 'on' : 'off',
    cause,
    problem,
    kinds: ['usage'],
    alwaysTold: [],
    emitted: records,
    suppressed: filtered,
  }
}
