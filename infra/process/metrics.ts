// Counters, gauges and histograms of one process, in the text format of Prometheus. Commands create a Metrics and pass it to the parts.
// The only file that imports prom-client. Every metric has a bounded number of series, whatever its label values are.
import * as prometheus from 'prom-client'

/** Counts up. */
export interface Counter {
  /** @param amount not negative, default 1 */
  add(amount?: number): void
}

/** Holds one value. */
export interface Gauge {
  set(value: number): void
}

/** Sorts values into buckets. */
export interface Histogram {
  observe(value: number): void
}

/** A metric with labels. */
export interface Family<Series> {
  /** The series of these label values, in the order of the label names. */
  with(...labelValues: readonly string[]): Series
}

/** A value that is sampled when the metrics are read, after its label values in the order of the label names. */
export type Sample = readonly [labelValues: readonly string[], value: number]

/** Bounds of a Metrics. */
export interface MetricsOptions {
  /** Most series of one metric; later label values are counted together under `other`. Default 500. */
  readonly maxSeries?: number
}

/** Name of the counter of label values that were folded into `other`. */
export const FOLDED_SERIES = 'eunomia_metrics_folded_series_total'

/** The label value for everything above the bound. */
const OTHER_SERIES = 'other'

/** A registry of metrics. It returns the same metric for the same name. */
export class Metrics {
  readonly #registry = new prometheus.Registry()
  readonly #families = new Map<string, Family<unknown>>()
  readonly #maxSeries: number
  readonly #folded: prometheus.Counter

  constructor(options: MetricsOptions = {}) {
    this.#maxSeries = options.maxSeries ?? 500
    this.#folded = new prometheus.Counter({
      name: FOLDED_SERIES,
      help: 'Times a label value was counted under "other" because the metric had reached its bound of series',
      registers: [this.#registry],
    })
  }

  /** @param name ends in `_total`; @param help one sentence */
  counter(name: string, help: string, ...labelNames: readonly string[]): Family<Counter> {
    return this.#family(name, labelNames, () => {
      const metric = new prometheus.Counter({ name, help, labelNames, registers: [this.#registry] })
      return (labels): Counter => {
        const series = metric.labels(labels)
        // A counter exists from the start, so that a rate includes its first event.
        series.inc(0)
        return { add: (amount = 1) => series.inc(amount) }
      }
    })
  }

  /** @param name ends in its unit; @param help one sentence */
  gauge(name: string, help: string, ...labelNames: readonly string[]): Family<Gauge> {
    return this.#family(name, labelNames, () => {
      const metric = new prometheus.Gauge({ name, help, labelNames, registers: [this.#registry] })
      return (labels): Gauge => {
        const series = metric.labels(labels)
        return { set: (value) => series.set(value) }
      }
    })
  }

  /** A gauge without labels whose value is sampled when the metrics are read. */
  sampledGauge(name: string, help: string, sample: () => number): void {
    this.#family(name, [], () => {
      const metric: prometheus.Gauge = new prometheus.Gauge({
        name,
        help,
        registers: [this.#registry],
        collect: () => metric.set(sample()),
      })
      return (): Gauge => ({ set: (value) => metric.set(value) })
    })
  }

  /**
   * A counter or gauge whose series are sampled when the metrics are read. Series above the bound are summed under `other`; series that are not
   * in the sample are not reported.
   */
  sampled(type: 'counter' | 'gauge', name: string, help: string, labelNames: readonly string[], sample: () => Iterable<Sample>): void {
    this.#family(name, labelNames, () => {
      const collect = (): void => {
        metric.reset()
        // A metric without labels starts with a series of 0, a value that nobody measured.
        if (labelNames.length === 0) metric.remove()
        let series = 0
        for (const [labelValues, value] of sample()) {
          const isWithin = series++ < this.#maxSeries
          if (!isWithin) this.#folded.inc()
          metric.labels(...labelNames.map((_, index) => (isWithin ? (labelValues[index] ?? '') : OTHER_SERIES))).inc(value)
        }
      }
      const options = { name, help, labelNames, registers: [this.#registry], collect }
      const metric: prometheus.Counter | prometheus.Gauge =
        type === 'counter' ? new prometheus.Counter(options) : new prometheus.Gauge(options)
      return (): Gauge => ({ set: () => undefined })
    })
  }

  /** @param buckets upper bounds, increasing, in the unit at the end of the name */
  histogram(name: string, help: string, buckets: readonly number[], ...labelNames: readonly string[]): Family<Histogram> {
    return this.#family(name, labelNames, () => {
      const metric = new prometheus.Histogram({ name, help, labelNames, buckets: [...buckets], registers: [this.#registry] })
      return (labels): Histogram => {
        const series = metric.labels(labels)
        return { observe: (value) => series.observe(value) }
      }
    })
  }

  /** Adds CPU, memory, garbage collection and event loop delay of this process. */
  addProcessMetrics(): void {
    prometheus.collectDefaultMetrics({ register: this.#registry })
  }

  /** Content type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  #family<Series>(name: string, labelNames: readonly string[], make: () => (labels: Record<string, string>) => Series): Family<Series> {
    const known = this.#families.get(name)
    // The name determines the type. prom-client, too, refuses a counter with the name of a gauge.
    if (known !== undefined) return known as Family<Series>
    const family = new BoundedFamily(make(), labelNames, this.#maxSeries, () => this.#folded.inc())
    this.#families.set(name, family)
    return family
  }
}

/** The series of one metric, up to the bound. */
class BoundedFamily<Series> implements Family<Series> {
  readonly #series = new Map<string, Series>()
  readonly #make: (labels: Record<string, string>) => Series
  readonly #labelNames: readonly string[]
  readonly #maxSeries: number
  readonly #onFolded: () => void

  constructor(make: (labels: Record<string, string>) => Series, labelNames: readonly string[], maxSeries: number, onFolded: () => void) {
    this.#make = make
    this.#labelNames = labelNames
    this.#maxSeries = maxSeries
    this.#onFolded = onFolded
  }

  with(...labelValues: readonly string[]): Series {
    const key = labelValues.join('\u0000')
    const known = this.#series.get(key)
    if (known !== undefined) return known
    if (this.#series.size < this.#maxSeries) return this.#add(key, labelValues)
    this.#onFolded()
    const others = this.#labelNames.map(() => OTHER_SERIES)
    const otherKey = others.join('\u0000')
    return this.#series.get(otherKey) ?? this.#add(otherKey, others)
  }

  #add(key: string, labelValues: readonly string[]): Series {
    const labels = Object.fromEntries(this.#labelNames.map((name, index) => [name, labelValues[index] ?? '']))
    const series = this.#make(labels)
    this.#series.set(key, series)
    return series
  }
}
