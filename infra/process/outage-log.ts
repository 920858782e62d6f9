// Logs once that something is unavailable and once that it is available again, however often it is retried.
import { messageOf } from './errors.js'
import type { Logger } from './logger.js'

/** One outage at a time of one thing. */
export class OutageLog {
  readonly #log: Logger
  readonly #facts: Readonly<Record<string, unknown>>
  readonly #awayMessage: string
  readonly #backMessage: string
  #sinceMs: number | undefined

  /** @param facts name the thing, e.g. its address */
  constructor(log: Logger, facts: Readonly<Record<string, unknown>>, awayMessage: string, backMessage: string) {
    this.#log = log
    this.#facts = facts
    this.#awayMessage = awayMessage
    this.#backMessage = backMessage
  }

  /** An attempt failed. */
  failed(error: unknown): void {
    const facts = { ...this.#facts, error: messageOf(error) }
    if (this.#sinceMs === undefined) this.#log.warn(facts, this.#awayMessage)
    else this.#log.debug(facts, this.#awayMessage)
    this.#sinceMs ??= performance.now()
  }

  /** An attempt succeeded. */
  succeeded(): void {
    if (this.#sinceMs === undefined) return
    this.#log.info({ ...this.#facts, awayMs: Math.round(performance.now() - this.#sinceMs) }, this.#backMessage)
    this.#sinceMs = undefined
  }
}
