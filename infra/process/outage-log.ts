// Logs an outage once at its start and once at its end, however many attempts fail.
import { messageOf } from './errors.js'
import type { Logger } from './logger.js'

/** The outages of one service. */
export class OutageLog {
  readonly #log: Logger
  readonly #facts: Readonly<Record<string, unknown>>
  readonly #outageMessage: string
  readonly #recoveryMessage: string
  #sinceMs: number | undefined

  /** @param facts identify the service, e.g. its address */
  constructor(log: Logger, facts: Readonly<Record<string, unknown>>, outageMessage: string, recoveryMessage: string) {
    this.#log = log
    this.#facts = facts
    this.#outageMessage = outageMessage
    this.#recoveryMessage = recoveryMessage
  }

  /** An attempt failed. */
  failed(error: unknown): void {
    const facts = { ...this.#facts, error: messageOf(error) }
    if (this.#sinceMs === undefined) this.#log.warn(facts, this.#outageMessage)
    else this.#log.debug(facts, this.#outageMessage)
    this.#sinceMs ??= performance.now()
  }

  /** An attempt succeeded. */
  succeeded(): void {
    if (this.#sinceMs === undefined) return
    this.#log.info({ ...this.#facts, outageMs: Math.round(performance.now() - this.#sinceMs) }, this.#recoveryMessage)
    this.#sinceMs = undefined
  }
}
