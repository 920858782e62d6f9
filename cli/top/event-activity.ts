// Events by process, asked of the collector that runs here. What comes over the socket is parsed once; without an answer there is a reason, and no rates.
import { COUNTED_TOPICS, noEvents, type EventActivity, type EventCounts } from '../../collector/processes/event-counts.js'
import { messageOf } from '../../infra/process/errors.js'
import { askControl, ControlRefusedError, ControlUnreachableError } from '../parts/control-client.js'

/** What the collector said, or why it did not. */
export type ActivityAnswer =
  { readonly activity: EventActivity; readonly reason: null } | { readonly activity: null; readonly reason: string }

/** Asks. Never rejects for a collector that is away or refuses. */
export async function askActivity(socketPath: string): Promise<ActivityAnswer> {
  try {
    const activity = activityOf(await askControl(socketPath, 'GET', '/processes'))
    return activity === null
      ? { activity, reason: 'the collector answers something else: is it of another version?' }
      : { activity, reason: null }
  } catch (error) {
    if (error instanceof ControlUnreachableError || error instanceof ControlRefusedError)
      return { activity: null, reason: messageOf(error) }
    throw error
  }
}

/** @returns null for what is no such answer */
export function activityOf(answer: unknown): EventActivity | null {
  const { bootId, startedAtUs, processes, total } = object(answer)
  const counts = countsOf(total)
  if (typeof bootId !== 'string' || typeof startedAtUs !== 'number' || !Array.isArray(processes) || counts === null) return null
  const told = processes.flatMap((process: unknown) => {
    const { pid, startUs, events } = object(process)
    const of = countsOf(events)
    return typeof pid === 'number' && typeof startUs === 'number' && of !== null ? [{ pid, startUs, events: of }] : []
  })
  return told.length === processes.length ? { bootId, startedAtUs, processes: told, total: counts } : null
}

function countsOf(value: unknown): EventCounts | null {
  const given = object(value)
  const counts = noEvents()
  for (const topic of COUNTED_TOPICS) {
    const count = given[topic]
    if (typeof count !== 'number') return null
    counts[topic] = count
  }
  return counts
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}
