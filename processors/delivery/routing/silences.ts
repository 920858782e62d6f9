// Silences: alerts that people don't want to receive for a while. They apply by the time of the event, so that an alert that is read again gets
// the same answer. A silenced alert stays in its topic.
import { JsonShape } from '../../../infra/config/json-shape.js'
import { messageOf } from '../../../infra/process/errors.js'
import type { Alert, StateRecord } from '../../../schemas/generated/types.js'
import { ALERT_MATCH, type AlertMatch, CompiledMatch } from './alert-match.js'

/** Most silences that are known at once; the ones that end last. */
export const MOST_SILENCES = 10_000
/** Longest silence: a permanent one belongs into the rules or the routes, where it is seen. */
export const LONGEST_SILENCE_MS = 366 * 86_400_000
/** No alert in the topic is older. */
const FORGET_US = 90 * 86_400_000_000

/** A silence. */
export interface Silence {
  readonly id: string
  readonly author: string
  readonly reason: string
  readonly match: AlertMatch
  /** It silences events from the first time up to, but not including, the second; Unix time, microseconds. */
  readonly startsUs: number
  readonly endsUs: number
}

const MATCH_SHAPE = new JsonShape(ALERT_MATCH)

/**
 * The silence in a record of the state.
 * @returns a message about what is wrong with it instead
 */
export function silenceOf({ id, author, reason, silence }: StateRecord): Silence | string {
  if (silence === null) return 'it has no silence'
  let match: unknown
  try {
    match = JSON.parse(silence.match)
  } catch (error) {
    return `its match is not JSON: ${messageOf(error)}`
  }
  if (!MATCH_SHAPE.fits(match)) return `its match is invalid: ${MATCH_SHAPE.mismatchOf(match) ?? ''}`
  // A silence of everything would hide an attack; who means it names a priority.
  if (Object.keys(match).length === 0) return 'its match is empty: it names no rule, priority, image or anything else of an alert'
  const { startsUs, endsUs } = silence
  if (endsUs - startsUs > LONGEST_SILENCE_MS * 1000) return 'it is longer than a year'
  return { id, author, reason, match, startsUs, endsUs }
}

/** The silences that are known. */
export class Silences {
  readonly #silences = new Map<string, { readonly silence: Silence; readonly match: CompiledMatch }>()
  /** Silences that were not kept at the bound. */
  forgotten = 0

  set(silence: Silence, nowUs: number): void {
    this.#silences.delete(silence.id)
    if (silence.endsUs <= nowUs - FORGET_US || silence.endsUs <= silence.startsUs) return
    this.#silences.set(silence.id, { silence, match: new CompiledMatch(silence.match) })
    if (this.#silences.size <= MOST_SILENCES) return
    this.forgotten++
    this.#silences.delete(this.list().reduce((first, one) => (one.endsUs < first.endsUs ? one : first)).id)
  }

  delete(id: string): void {
    this.#silences.delete(id)
  }

  /** The silence of an alert; null if it has none. */
  of(alert: Alert): Silence | null {
    const atUs = alert.origin.wallTimeUs
    for (const { silence, match } of this.#silences.values())
      if (silence.startsUs <= atUs && atUs < silence.endsUs && match.matches(alert)) return silence
    return null
  }

  get(id: string): Silence | undefined {
    return this.#silences.get(id)?.silence
  }

  list(): Silence[] {
    return [...this.#silences.values()].map(({ silence }) => silence)
  }
}
