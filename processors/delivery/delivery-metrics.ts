// What is counted of a sink: in the metrics of this process, and as totals of all instances for `eunomia deliver status`.
import type { Counter, Gauge, Metrics } from '../../infra/process/metrics.js'
import type { BreakerState } from './breaker.js'

/** Counters of one sink. */
export interface SinkMetrics {
  readonly delivered: Counter
  readonly refused: Counter
  /** Alerts that were to be sent again. */
  readonly retried: Counter
  readonly silenced: Counter
  readonly elsewhere: Counter
  /** Dead jobs that were removed at their bound, before somebody redrove them. */
  readonly deadDropped: Counter
  /** 1 while the receiver is unavailable. */
  readonly breakerOpen: Gauge
}

/** What is added up for all instances. */
export const TOTALS = ['delivered', 'refused', 'retried', 'silenced', 'elsewhere'] as const
export type Total = (typeof TOTALS)[number]

const METRICS: Readonly<Record<Total, readonly [name: string, help: string]>> = {
  delivered: ['eunomia_delivery_delivered_total', 'Alerts that a sink delivered'],
  refused: ['eunomia_delivery_refused_total', 'Alerts that the receiver of a sink refused for good; they are dead letters'],
  retried: ['eunomia_delivery_retried_total', 'Alerts that a sink had to send again later'],
  silenced: ['eunomia_delivery_silenced_total', 'Alerts that a silence kept from a sink'],
  elsewhere: ['eunomia_delivery_elsewhere_total', 'Alerts that no route leads to a sink'],
}

/** The counters of a sink, and what they gained since it was last asked. */
export class SinkAccounts implements SinkMetrics {
  readonly delivered = this.#total('delivered')
  readonly refused = this.#total('refused')
  readonly retried = this.#total('retried')
  readonly silenced = this.#total('silenced')
  readonly elsewhere = this.#total('elsewhere')
  readonly deadDropped: Counter
  readonly breakerOpen: Gauge
  #gained = new Map<Total, number>()
  readonly #metrics: Metrics
  readonly #sink: string

  constructor(metrics: Metrics, sink: string) {
    this.#metrics = metrics
    this.#sink = sink
    this.deadDropped = metrics
      .counter('eunomia_delivery_dead_jobs_dropped_total', 'Dead jobs that were removed at their bound', 'sink')
      .with(sink)
    this.breakerOpen = metrics.gauge('eunomia_delivery_breaker_open', '1 while the receiver of a sink is unavailable', 'sink').with(sink)
    // A counter exists from the start, so that a rate includes its first alert.
    for (const name of TOTALS) this[name].add(0)
  }

  /** Takes what was counted since the last call. */
  takeGained(): ReadonlyMap<Total, number> {
    const gained = this.#gained
    this.#gained = new Map()
    return gained
  }

  /** Puts back what could not be written. */
  putBack(gained: ReadonlyMap<Total, number>): void {
    for (const [name, amount] of gained) this.#gained.set(name, (this.#gained.get(name) ?? 0) + amount)
  }

  #total(name: Total): Counter {
    let counter: Counter | undefined
    return {
      add: (amount = 1) => {
        counter ??= this.#metrics.counter(...METRICS[name], 'sink').with(this.#sink)
        counter.add(amount)
        this.#gained.set(name, (this.#gained.get(name) ?? 0) + amount)
      },
    }
  }
}

/** What one instance says of its sink. */
export interface InstanceReport {
  readonly instance: string
  readonly breaker: BreakerState
  /** Unix milliseconds. */
  readonly atMs: number
}
