// The metrics of a long-lived command, and their page when the settings name a port.
import type { Config } from '../infra/config/config-schema.js'
import type { PartCare } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { startMetricsServer } from '../infra/process/metrics-server.js'
import { Metrics } from '../infra/process/metrics.js'

/** Metrics, and where they are read. */
export interface StartedMetrics {
  readonly metrics: Metrics
  /** Address of the page; null when nobody asked for one. */
  readonly url: string | null
}

/** Makes the metrics and puts their page, which also tells of this process itself, under care. @throws PortInUseError */
export async function startMetrics({ host, port }: Config['metrics'], log: Logger, care: PartCare): Promise<StartedMetrics> {
  const metrics = new Metrics()
  if (port === null) return { metrics, url: null }
  metrics.addProcessMetrics()
  const server = await care.start('metrics', () => startMetricsServer({ host, port }, metrics))
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${String(server.port)}/metrics`
  log.info({ url }, 'metrics are served')
  return { metrics, url }
}
