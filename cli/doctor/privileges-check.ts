// What the collector of this host may do, asked of the collector; without one, what this process holds of what a collector needs.
import type { SelfReport } from '../../collector/control/self-report.js'
import { capabilitiesText } from '../../infra/capability-names.js'
import type { Config } from '../../infra/config/config-schema.js'
import { heldPrivileges } from '../../native/held-privileges.js'
import { controlSocketOf } from '../host/control-settings.js'
import { askControl, ControlRefusedError, ControlUnreachableError } from '../parts/control-client.js'
import { ill, well, type CheckResult } from './check.js'

const NAME = 'privileges'

/** Asks and tells. */
export async function checkPrivileges(config: Config): Promise<readonly CheckResult[]> {
  try {
    const self = (await askControl(controlSocketOf(config), 'GET', '/self')) as SelfReport
    return [ofCollector(self)]
  } catch (error) {
    if (!(error instanceof ControlUnreachableError || error instanceof ControlRefusedError)) throw error
    const { permitted } = heldPrivileges()
    return [well(NAME, `no collector answers; this command holds ${capabilitiesText(permitted) || 'no capabilities'}`)]
  }
}

function ofCollector({ pid, userId, threads, capabilities, noNewPrivileges }: SelfReport): CheckResult {
  const held = capabilities.length === 0 ? 'no capabilities' : capabilities.join(' ')
  const detail = `the collector (pid ${String(pid)}, uid ${String(userId)}, ${String(threads)} threads) holds ${held}`
  if (noNewPrivileges) return well(NAME, `${detail}, and can get no others`)
  return ill(NAME, `${detail}, and programs that it starts can get others`, 'collector.privileges=least, then start it again', 'warning')
}
