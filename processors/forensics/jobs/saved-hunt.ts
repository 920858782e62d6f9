// A hunt that is kept under a name, to be run again and again: each run takes the events since the last one.
import { createHash } from 'node:crypto'
import type { HuntRequest } from '../hunt/hunt-plan.js'

/** What a saved hunt asks for. */
export interface SavedHunt extends Omit<HuntRequest, 'fromMs' | 'toMs'> {
  /** How far the first run goes back, milliseconds. */
  readonly spanMs: number
}

/** A run of it. */
export interface SavedRun {
  /** The same for the same time of the schedule: a run is started once. */
  readonly id: string
  readonly request: HuntRequest
}

/** A run ends so long before the time of its schedule, milliseconds: events that come later than this, from a spool, are in no run. */
const LATE_MS = 15 * 60_000
const ID_DIGITS = 12

/**
 * The run of a time of the schedule.
 * @param before ends of earlier runs, Unix milliseconds
 */
export function nextRun(name: string, { spanMs, ...request }: SavedHunt, atMs: number, before: readonly number[]): SavedRun {
  const toMs = atMs - LATE_MS
  const fromMs = Math.min(toMs, before.length === 0 ? toMs - spanMs : Math.max(...before))
  const id = createHash('sha256')
    .update(`${name}\n${String(atMs)}`)
    .digest('hex')
    .slice(0, ID_DIGITS)
  return { id, request: { ...request, fromMs, toMs } }
}
