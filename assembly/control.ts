// The control API of a watched host, and the plan file that `detect` follows. Shared by `run` and `collect`.
import type { ControlTarget } from '../collector/control/control-routes.js'
import { type ControlServer, ControlSocketError, startControlServer } from '../collector/control/control-server.js'
import type { Config } from '../infra/config/config-schema.js'
import { showConnections } from '../infra/process/connection-bound.js'
import { UsageError } from '../infra/process/errors.js'
import type { Lifecycle } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import type { Metrics } from '../infra/process/metrics.js'
import { packageVersion } from '../infra/process/package-root.js'
import { controlPortOf, controlSocketOf } from './control-settings.js'
import { type Watching, startWatchedPlan } from './watching.js'
import { startWhenFree } from './when-free.js'

/**
 * Listens on the socket, and on the port if one is set. A socket that cannot be opened is a warning: collecting continues without it, and without a
 * port that is taken, until that is free.
 * @throws UsageError for a port without token and TLS
 */
export async function startControl(
  config: Config,
  deps: Omit<ControlTarget, 'version'> & { readonly metrics: Metrics },
  log: Logger,
  lifecycle: Lifecycle,
): Promise<void> {
  const { control } = config.collector
  const target = { ...deps, version: packageVersion() }
  const tcp = controlPortOf(control)
  if (!control.enabled) return
  try {
    const { connections } = await lifecycle.start('control API', () => startControlServer({ path: controlSocketOf(config) }, target, log))
    showConnections(connections, 'control', deps.metrics)
  } catch (error) {
    if (!(error instanceof ControlSocketError)) throw error
    log.warn({ err: error }, 'no control API: trackers and ledger are not available')
  }
  if (tcp === null) return
  const start = async (): Promise<ControlServer> => {
    const server = await startControlServer(tcp, target, log)
    showConnections(server.connections, 'control_tcp', deps.metrics)
    return server
  }
  const server = await startWhenFree('control API over TCP', start, { log, lifecycle })
  if (server !== null) log.info({ host: control.host, port: server.port }, 'control API is listening')
}

/** In `detect`, follows the plan file of the settings; logs what is watched. @throws UsageError without one. @throws WatchPlanError for an invalid file */
export async function followPlanFile(
  { watch, planFile }: Config['collector'],
  watching: Watching,
  log: Logger,
  lifecycle: Lifecycle,
): Promise<void> {
  if (watch !== 'detect') {
    log.info({ watch: 'forensic', leftOut: [] }, 'everything is watched')
    return
  }
  if (planFile === null) {
    throw new UsageError('collector.watch=detect needs collector.planFile: write it with `eunomia rules plan RULES --json > plan.json`')
  }
  await lifecycle.start('watch plan', () => Promise.resolve(startWatchedPlan(planFile, watching, log)))
}
