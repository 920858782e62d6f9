// Trackers of aggregates as the API tells and switches them, beside those of events.
import { messageOf } from '../../infra/process/errors.js'
import type { UsageTrackers, UsageTrackerState } from '../usage/usage-trackers.js'
import { ControlRefusal } from './control-answer.js'
import type { TrackerReport } from './tracker-report.js'

/** All of them. */
export function usageReports(usage: Pick<UsageTrackers, 'states'> | null): readonly TrackerReport[] {
  return usage?.states().map(reportOf) ?? []
}

/** Starts or stops one. @throws ControlRefusal when the kernel can't run it */
export async function switchUsage(usage: UsageTrackers, name: string, isStarted: boolean): Promise<TrackerReport> {
  try {
    if (isStarted) await usage.start(name)
    else await usage.stop(name)
  } catch (error) {
    throw new ControlRefusal(409, `${name} can't be started: ${messageOf(error)}${isForbidden(error) ? LATE_LOAD : ''}`)
  }
  const state = usage.states().find((one) => one.name === name)
  if (state === undefined) throw new ControlRefusal(404, `there is no tracker ${name}`)
  return reportOf(state)
}

/** What is loaded at the start can be started later, too. */
const LATE_LOAD =
  '. Nothing can be loaded once the privileges are given up: name it in collector.usage.ready or collector.usage.trackers, or set collector.privileges=keep'

function isForbidden(error: unknown): boolean {
  return error instanceof Error && /\bE(PERM|ACCES)\b/.test(error.message)
}

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
