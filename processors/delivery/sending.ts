// How one process sends to a receiver: in turn (rate, circuit breaker), within a time limit, and ended by a stop. Workers for alerts and for
// messages share it.
import { messageOf } from '../../infra/process/errors.js'
import { backoffMs, type BackoffOptions } from '../../infra/waiting/backoff.js'
import { pause } from '../../infra/waiting/clock.js'
import { linkedSignal, timedSignal } from '../../infra/waiting/signals.js'
import { type Breaker, Rate } from './breaker.js'
import type { SinkMetrics } from './delivery-metrics.js'
import type { Retry } from './sink.js'

/** How a sink sends. */
export interface SendingConfig {
  readonly sink: string
  readonly timeoutMs: number
  readonly backoff: BackoffOptions
  /** Alerts or messages per second; null for no bound. */
  readonly ratePerSecond: number | null
}

/** After the time limit of a send, it may take so long to end; then nobody waits for it any more, milliseconds. */
const GRACE_MS = 5_000

export class Sending {
  readonly config: SendingConfig
  readonly #breaker: Breaker
  readonly #metrics: Pick<SinkMetrics, 'breakerOpen'>
  readonly #rate: Rate | undefined
  /** Ends waits. */
  readonly #draining = new AbortController()
  /** Ends sends, too. */
  readonly #stopping = new AbortController()

  constructor(config: SendingConfig, breaker: Breaker, metrics: Pick<SinkMetrics, 'breakerOpen'>) {
    this.config = config
    this.#breaker = breaker
    this.#metrics = metrics
    this.#rate = config.ratePerSecond === null ? undefined : new Rate(config.ratePerSecond)
  }

  /** Nothing more is sent but what is being sent. */
  drain(): void {
    this.#draining.abort()
  }

  /** What is being sent is cut off: its job comes again. */
  stop(): void {
    this.#draining.abort()
    this.#stopping.abort()
  }

  get isDraining(): boolean {
    return this.#draining.signal.aborted
  }

  /** Aborted by `stop`. */
  get stopped(): AbortSignal {
    return this.#stopping.signal
  }

  /** When a job that was started so often comes again, milliseconds. */
  backoffMs(starts: number): number {
    return backoffMs(starts, this.config.backoff)
  }

  /** Waits until `count` alerts or messages may be sent. Then `answered` must be called. @returns false if the worker stops */
  async turn(count: number): Promise<boolean> {
    const { signal } = this.#draining
    return (await pause(this.#rate?.take(count) ?? 0, signal)) && (await this.#breaker.pass(signal))
  }

  /** Sends within the time limit, whatever the sink does. @returns a retry if it fails */
  async timed<Answer>(send: (signal: AbortSignal) => Promise<Answer>): Promise<Answer | Retry> {
    const timed = timedSignal(this.config.timeoutMs, this.#stopping.signal)
    const graced = linkedSignal(timed.signal)
    try {
      const late = new Promise<never>((_, reject) => {
        graced.signal.addEventListener('abort', () => {
          setTimeout(() => reject(new Error(`no answer within ${String(this.config.timeoutMs)} ms`)), GRACE_MS).unref()
        })
      })
      return await Promise.race([send(timed.signal), late])
    } catch (error) {
      return { kind: 'retry', reason: messageOf(error) }
    } finally {
      graced.release()
      timed.release()
    }
  }

  /** Nothing was sent in this turn. */
  passed(): void {
    this.#breaker.skipped()
  }

  /** @param failure why the receiver took nothing; undefined if it answered */
  answered(failure: Retry | undefined): void {
    if (failure === undefined) this.#breaker.succeeded()
    else this.#breaker.failed(failure.reason, failure.afterMs)
    this.#metrics.breakerOpen.set(this.#breaker.state === 'closed' ? 0 : 1)
  }
}
