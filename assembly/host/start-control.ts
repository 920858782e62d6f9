// The control API of a host that is watched, and the plan of `detect`: for `run` and `collect`.
import type { ControlTarget } from '../../collector/control/control-routes.js'
import { startControlServer } from '../../collector/control/control-server.js'
import { ControlSocketError } from '../../collector/control/control-socket.js'
import type { Config } from '../../infra/config/config-schema.js'
import { UsageError } from '../../infra/process/errors.js'
import type { PartCare } from '../../infra/process/lifecycle.js'
import type { Logger } from '../../infra/process/logger.js'
import { packageVersion } from '../../infra/process/package-version.js'
import { controlPortOf, controlSocketOf } from './control-settings.js'
import { startWatchedPlan } from './watched-plan.js'
import type { Watching } from './watching.js'

/**
 * Listens at the socket, and at the port where one is set. A socket that can't be had is a warning: watching goes on without it.
 * @throws UsageError for a port without token and TLS; PortInUseError
 */
export async function startControl(config: Config, deps: Omit<ControlTarget, 'version'>, log: Logger, care: PartCare): Promise<void> {
  const { control } = config.collector
  const target = { ...deps, version: packageVersion() }
  const tcp = controlPortOf(control)
  if (!control.enabled) return
  try {
    await care.start('control API', () => startControlServer({ path: controlSocketOf(config) }, target, log))
  } catch (error) {
    if (!(error instanceof ControlSocketError)) throw error
    log.warn({ err: error }, 'no control API: trackers and ledger can not be asked for')
  }
  if (tcp === null) return
  const server = await care.start('control API over TCP', () => startControlServer(tcp, target, log))
  log.info({ host: control.host, port: server.port }, 'the control API is served')
}

/** Follows the plan of the settings in `detect`. @throws UsageError without one, WatchPlanError for a file that is none */
export async function followPlanFile(
  { watch, planFile }: Config['collector'],
  watching: Watching,
  log: Logger,
  care: PartCare,
): Promise<void> {
  if (watch === 'forensic') return
  if (planFile === null) {
    throw new UsageError('collector.watch=detect needs collector.planFile: write it by `eunomia rules plan RULES --json > plan.json`')
  }
  await care.start('watch plan', () => Promise.resolve(startWatchedPlan(planFile, watching, log)))
}
