// Sends the alerts of a batch one by one, a few at a time, for receivers that take one in a request. When the receiver does not answer, or asks for a
// pause, the rest waits; a failure of one alert is its own.
import { messageOf } from '../../../infra/process/errors.js'
import type { Outcome, TopicAlert } from '../sink.js'

/** @param atOnce requests under way at the same time. @returns an outcome for each alert; a rejection of `sendOne` is a retry */
export async function sendEach(
  alerts: readonly TopicAlert[],
  atOnce: number,
  sendOne: (alert: TopicAlert) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  let next = 0
  let stopped: Outcome | null = null
  const work = async (): Promise<void> => {
    for (let index = next++; index < alerts.length; index = next++) {
      const alert = alerts[index]
      if (alert === undefined) return
      let isAway = false
      const outcome: Outcome =
        stopped ??
        (await sendOne(alert).catch((error: unknown) => {
          isAway = true
          return { kind: 'retry', reason: messageOf(error) }
        }))
      if (isAway || (outcome.kind === 'retry' && outcome.afterMs !== undefined)) stopped = outcome
      outcomes[index] = outcome
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, alerts.length) }, work))
  return outcomes
}
