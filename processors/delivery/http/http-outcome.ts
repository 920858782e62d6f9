// What an answer of a receiver means for what was sent. Only an answer about the content makes a dead letter: a wrong address or an expired token
// is somebody's to repair, and the alerts wait for it.
import { printable } from '../../../infra/text/printable.js'
import type { Outcome } from '../sink.js'
import type { HttpAnswer } from './http-client.js'

/** Bad request, too large, of a media type that it does not take, not processable. */
const REFUSED: ReadonlySet<number> = new Set([400, 413, 414, 415, 422])
const MAX_SHOWN = 500

/** The outcome by the status. */
export function outcomeOf(answer: HttpAnswer): Outcome {
  const { status, body, afterMs } = answer
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const reason = statusText(answer)
  if (REFUSED.has(status)) return { kind: 'refused', reason, answer: shownAnswer(body) }
  return { kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) }
}

/** `status 429`, with what a person can do about some. */
export function statusText({ status }: HttpAnswer): string {
  if (status === 401 || status === 403) return `status ${String(status)}: the receiver refuses the credentials`
  if (status >= 300 && status < 400) return `status ${String(status)}: redirects are not followed; set the address that it leads to`
  if (status === 404) return 'status 404: nothing is at this address'
  return `status ${String(status)}`
}

/** The beginning of an answer, safe for a terminal. */
export function shownAnswer(body: string): string {
  return printable(body.length > MAX_SHOWN ? `${body.slice(0, MAX_SHOWN)}...` : body)
}

/** The JSON of an answer; null for anything else. */
export function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
