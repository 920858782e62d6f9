// The circuit breaker and the rate of one sink in one process. While the receiver is away, sends wait here: one probe at a time, at growing
// intervals, costs the sink nothing, and no other sink notices.
//
//    closed -- failures in a row --> open -- pause --> probing -- success --> closed
//                                     ^                   |
//                                     +----- failure -----+
import type { Logger } from '../../infra/process/logger.js'
import { OutageLog } from '../../infra/process/outage-log.js'
import { backoffMs, type BackoffOptions } from '../../infra/waiting/backoff.js'
import { orAborted } from '../../infra/waiting/signals.js'
import { Waiters } from '../../infra/waiting/waiters.js'

/** Failures in a row that open it. */
const FAILURES = 3

/** What it does now. */
export type BreakerState = 'closed' | 'open' | 'probing'

/** Lets sends pass, or makes them wait. */
export class Breaker {
  readonly #backoff: BackoffOptions
  readonly #outage: OutageLog
  readonly #changes = new Waiters()
  #state: BreakerState = 'closed'
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  constructor(sink: string, backoff: BackoffOptions, log: Logger) {
    this.#backoff = backoff
    this.#outage = new OutageLog(log, { sink }, 'the receiver of a sink is unavailable: its alerts wait', 'the receiver is back')
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Resolves when a send may start. After it, `succeeded` or `failed` must be called. @returns false if the signal came first */
  async pass(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (this.#state === 'closed') return true
      if (this.#state === 'open' && this.#timer === undefined) {
        this.#state = 'probing'
        return true
      }
      await orAborted(this.#changes.next(), signal)
    }
    return false
  }

  /** The receiver answered. */
  succeeded(): void {
    this.#failures = 0
    this.#outage.succeeded()
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#changes.wake()
  }

  /** It did not, or took nothing. @param afterMs it asks for this pause */
  failed(reason: string, afterMs = 0): void {
    this.#failures++
    if (this.#failures < FAILURES && this.#state === 'closed' && afterMs === 0) return
    this.#outage.failed(reason)
    // Sends that were under way fail one after the other: only a probe makes the pause longer.
    if (this.#state === 'open') return
    this.#state = 'open'
    const pauseMs = Math.max(afterMs, backoffMs(Math.max(1, this.#failures - FAILURES + 1), this.#backoff))
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#changes.wake()
    }, pauseMs)
  }

  /** Nothing was sent after all: the next one may probe. */
  skipped(): void {
    if (this.#state !== 'probing') return
    this.#state = 'open'
    this.#changes.wake()
  }

  close(): void {
    clearTimeout(this.#timer)
  }
}

/** At most so many alerts per second, in bursts of at most one second. */
export class Rate {
  readonly #perSecond: number
  /** When the alerts that were let pass are used up, milliseconds of performance.now(). */
  #untilMs = 0

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** How long `count` alerts must wait, milliseconds; they count as sent after it. */
  take(count: number, nowMs = performance.now()): number {
    this.#untilMs = Math.max(this.#untilMs, nowMs - 1_000)
    const waitMs = this.#untilMs - nowMs
    this.#untilMs += (count / this.#perSecond) * 1_000
    return Math.max(0, waitMs)
  }
}
