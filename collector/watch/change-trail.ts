// Changes of what is reported, for the topic audit: filters, trackers, settings of aggregates, plans. Whoever changes something records it here;
// the running collector publishes it. Changes from before its start wait.
import type { AuditEvent } from '../../schemas/generated/types.js'

/** A change without its origin: the collector's publisher adds host and time. */
export type AuditBody = Omit<AuditEvent, 'origin'>

/** A change, with the states as values. */
export interface WatchChange extends Pick<AuditBody, 'action' | 'target' | 'actor'> {
  readonly before: unknown
  readonly after: unknown
}

/** Most changes that wait for the start: the settings and a plan are two. */
const MOST_WAITING = 256
/** Longest text of a state. */
const MOST_CHARACTERS = 65_536

/** The trail. */
export class ChangeTrail {
  /** `dropped`: changes that were not published: too many before the start. `cut`: states that were too long. */
  readonly counters = { dropped: 0, cut: 0 }
  readonly #waiting: AuditBody[] = []
  #publish: ((body: AuditBody) => void) | null = null

  /** Publishes what waits and what follows. */
  attach(publish: (body: AuditBody) => void): void {
    this.#publish = publish
    for (const body of this.#waiting.splice(0)) publish(body)
  }

  record({ action, target, actor, before, after }: WatchChange): void {
    const body = { action, target, actor, before: this.#textOf(before), after: this.#textOf(after), reason: null }
    if (this.#publish !== null) this.#publish(body)
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(body)
    else this.counters.dropped++
  }

  #textOf(state: unknown): string {
    const text = JSON.stringify(state) ?? 'null'
    if (text.length > MOST_CHARACTERS) this.counters.cut++
    return text.slice(0, MOST_CHARACTERS)
  }
}
