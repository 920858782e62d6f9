// Events by process, from the collector that runs here. Without an answer there is a reason, and no rates.
import { ACTIVITY } from '../../collector/control/control-answers.js'
import type { EventActivity } from '../../collector/processes/event-counts.js'
import { messageOf } from '../../infra/process/errors.js'
import { ControlAnswerError, ControlRefusedError, ControlUnreachableError, readControl } from '../../collector/control/control-client.js'

/** What the collector said, or why it did not. */
export type ActivityAnswer =
  { readonly activity: EventActivity; readonly reason: null } | { readonly activity: null; readonly reason: string }

/** Asks. Never rejects for a collector that is away, refuses or is of another version. */
export async function askActivity(socketPath: string): Promise<ActivityAnswer> {
  try {
    return { activity: await readControl(socketPath, '/processes', ACTIVITY), reason: null }
  } catch (error) {
    const isAnswer = [ControlUnreachableError, ControlRefusedError, ControlAnswerError].some((known) => error instanceof known)
    if (isAnswer) return { activity: null, reason: messageOf(error) }
    throw error
  }
}
