// Times of a process in nanoseconds: its age, its start, and file change times. Records hold microseconds since boot or since 1970.
import type { RuleRecord } from '../rule-event.js'
import { nanoseconds } from '../field-value.js'

/** What converts a time since boot to one since 1970. */
export const EVENT_START_SOURCE = 'Origin.wallTimeUs Origin.bootTimeUs'
/** What {@link changeToStart} reads. */
export const CHANGE_TO_START_SOURCE = `Process.exeCtimeUs Process.startBootUs ${EVENT_START_SOURCE}`
/** What {@link namespaceStart} reads. */
export const NAMESPACE_SOURCE = `Process.namespaces Namespaces.pidStartBootUs ${EVENT_START_SOURCE}`

type Nanoseconds = number | bigint

/** From a start to the event. @param startBootUs µs since boot */
export function sinceStart(event: RuleRecord, startBootUs: number | undefined): Nanoseconds | undefined {
  return startBootUs === undefined ? undefined : nanoseconds(Math.max(0, event.record.origin.bootTimeUs - startBootUs))
}

/** A start, since 1970. @param startBootUs µs since boot */
export function startTime(event: RuleRecord, startBootUs: number | null | undefined): Nanoseconds | undefined {
  return startBootUs === undefined || startBootUs === null ? undefined : nanoseconds(wallTimeUs(event, startBootUs))
}

/** A time since 1970. @param us µs since 1970 */
export function timeNs(us: number | null): Nanoseconds | undefined {
  return us === null ? undefined : nanoseconds(us)
}

/** From the last change of the executable to the start of the process. */
export function changeToStart(event: RuleRecord): Nanoseconds | undefined {
  const { exeCtimeUs, startBootUs } = event.record.process
  return exeCtimeUs === null ? undefined : nanoseconds(Math.max(0, wallTimeUs(event, startBootUs) - exeCtimeUs))
}

/** Start of the pid namespace, since 1970. */
export function namespaceStart(event: RuleRecord): Nanoseconds | undefined {
  return startTime(event, event.record.process.namespaces?.pidStartBootUs)
}

/** From the start of the pid namespace to the last change of the executable; undefined if the change was before. */
export function namespaceToChange(event: RuleRecord): Nanoseconds | undefined {
  const { exeCtimeUs, namespaces } = event.record.process
  const startBootUs = namespaces?.pidStartBootUs
  if (exeCtimeUs === null || startBootUs === undefined || startBootUs === null) return undefined
  const us = exeCtimeUs - wallTimeUs(event, startBootUs)
  return us < 0 ? undefined : nanoseconds(us)
}

function wallTimeUs(event: RuleRecord, bootUs: number): number {
  const { wallTimeUs: eventUs, bootTimeUs } = event.record.origin
  return eventUs - bootTimeUs + bootUs
}
