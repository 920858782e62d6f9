// The metrics of a long-lived command, their page if a port is configured, and the collector's figures. Figures are read at a scrape, so events cost nothing.
import type { CollectorFigures } from '../collector/collector-options.js'
import type { Account } from '../collector/ledger/account.js'
import type { Config } from '../infra/config/config-schema.js'
import type { Lifecycle } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { type MetricsServer, startMetricsServer } from '../infra/process/metrics-server.js'
import { Metrics, type Sample } from '../infra/process/metrics.js'
import { startWhenFree } from './when-free.js'

/** Metrics and the address of their page. */
export interface StartedMetrics {
  readonly metrics: Metrics
  /** URL of the page; null without a port. */
  readonly url: string | null
}

/**
 * Creates the metrics and serves their page, which includes this process; `lifecycle` stops it.
 * @param whenTaken `later`: a page whose port is taken is served once that is free
 * @throws PortInUseError for `fail`
 */
export async function startMetrics(
  { host, port }: Config['metrics'],
  log: Logger,
  lifecycle: Lifecycle,
  whenTaken: 'fail' | 'later' = 'fail',
): Promise<StartedMetrics> {
  const metrics = new Metrics()
  if (port === null) return { metrics, url: null }
  metrics.addProcessMetrics()
  const start = (): Promise<MetricsServer> => startMetricsServer({ host, port }, metrics)
  const server = await (whenTaken === 'fail' ? lifecycle.start('metrics', start) : startWhenFree('metrics', start, { log, lifecycle }))
  if (server === null) return { metrics, url: null }
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${String(server.port)}/metrics`
  log.info({ url }, 'serving metrics')
  return { metrics, url }
}

const RUNTIME_OUTAGES = /^containers\.runtimes\.(.+)\.disconnects$/

/** Adds the collector's metrics. @param figures returns null while there is no collector; then there are no samples */
export function addCollectorMetrics(metrics: Metrics, figures: () => CollectorFigures | null): void {
  addLedger(metrics, () => figures()?.accounts ?? [])
  metrics.sampled('gauge', 'eunomia_probe_attached', '1 if the probe is attached, 0 if it could not be attached', ['probe'], () =>
    (figures()?.probes ?? []).map(({ name, isAttached }) => [[name], isAttached ? 1 : 0]),
  )
  const value = (name: string, help: string, read: (from: CollectorFigures) => number | undefined): void =>
    metrics.sampled('gauge', name, help, [], () => single(figures(), read))
  const count = (name: string, help: string, counter: string): void =>
    metrics.sampled('counter', name, help, [], () => single(figures(), ({ counters }) => counters[counter]))
  value('eunomia_processes', 'Processes in the process table', ({ processes }) => processes)
  value('eunomia_containers', 'Containers known', ({ containers }) => containers)
  value('eunomia_publisher_buffered_bytes', 'Bytes that wait for an acknowledgement', ({ counters }) => counters['publisher.bufferedBytes'])
  value('eunomia_spool_bytes', 'Bytes of the spool on disk', ({ counters }) => counters['spool.bytes'])
  value(
    'eunomia_collector_cpu_percent',
    'CPU of the collector over ten seconds, percent of one core',
    ({ counters }) => counters['own.cpuPercent'],
  )
  value('eunomia_collector_memory_bytes', 'Resident memory of the collector', ({ counters }) => counters['own.memoryBytes'])
  value(
    'eunomia_collector_over_limit',
    '1 while the collector exceeds one of its limits and postpones work',
    ({ counters }) => counters['own.isOverLimit'],
  )
  count('eunomia_publisher_retries_total', 'Batches that were sent again', 'publisher.retries')
  metrics.sampled('counter', 'eunomia_runtime_outages_total', 'Times a container runtime did not answer or disconnected', ['runtime'], () =>
    Object.entries(figures()?.counters ?? {}).flatMap(([name, outages]): Sample[] => {
      const runtime = RUNTIME_OUTAGES.exec(name)?.[1]
      return runtime === undefined ? [] : [[[runtime], outages]]
    }),
  )
  metrics.sampled('gauge', 'eunomia_collector_counter', 'Counters of the heartbeat by name (docs/operations.md)', ['counter'], () =>
    Object.entries(figures()?.counters ?? {}).map(([name, counter]) => [[name], counter]),
  )
}

/** The loss ledger by topic and kind, all CPUs together. */
function addLedger(metrics: Metrics, accounts: () => readonly Account[]): void {
  const labels = ['topic', 'kind']
  const sums = (read: (account: Account) => number) => (): Sample[] => sumByKind(accounts(), read)
  metrics.sampled(
    'counter',
    'eunomia_events_emitted_total',
    'Events that the probes emitted',
    labels,
    sums((a) => a.emitted),
  )
  metrics.sampled(
    'counter',
    'eunomia_events_published_total',
    'Events that are safe in their topic',
    labels,
    sums((a) => a.published),
  )
  metrics.sampled(
    'counter',
    'eunomia_events_suppressed_total',
    'Events that filters excluded',
    labels,
    sums((a) => a.suppressed),
  )
  metrics.sampled(
    'gauge',
    'eunomia_events_in_flight',
    'Events that are not acknowledged yet',
    labels,
    sums((a) => a.inFlight),
  )
  metrics.sampled(
    'gauge',
    'eunomia_events_spooled',
    'Events in the spool, including those of earlier runs',
    labels,
    sums((a) => a.spooled),
  )
  metrics.sampled('counter', 'eunomia_events_dropped_total', 'Events that were lost, and where', [...labels, 'where'], () => [
    ...sumByKind(accounts(), (account) => account.droppedRing, 'ring'),
    ...sumByKind(accounts(), (account) => account.droppedCollector, 'collector'),
    ...sumByKind(accounts(), (account) => account.droppedSpool, 'spool'),
  ])
}

function sumByKind(accounts: readonly Account[], read: (account: Account) => number, ...more: readonly string[]): Sample[] {
  const sums = new Map<string, { readonly labels: readonly string[]; sum: number }>()
  for (const account of accounts) {
    const key = `${account.topic} ${account.kind}`
    const entry = sums.get(key) ?? { labels: [account.topic, account.kind, ...more], sum: 0 }
    entry.sum += read(account)
    sums.set(key, entry)
  }
  return [...sums.values()].map(({ labels, sum }) => [labels, sum])
}

function single(figures: CollectorFigures | null, read: (from: CollectorFigures) => number | undefined): Sample[] {
  const value = figures === null ? undefined : read(figures)
  return value === undefined ? [] : [[[], value]]
}
