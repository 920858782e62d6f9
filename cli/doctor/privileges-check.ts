// What the collector of this host may do and what it uses, asked of the collector; without one, what this process holds of what a collector needs.
import { controlSocketOf } from '../../assembly/control-settings.js'
import { SELF, type SelfReport } from '../../collector/control/control-answers.js'
import type { Config } from '../../infra/config/config-schema.js'
import { capabilitiesText } from '../../infra/process/capability-names.js'
import { heldPrivileges } from '../../native/privileges.js'
import { ControlAnswerError, ControlRefusedError, ControlUnreachableError, readControl } from '../../collector/control/control-client.js'
import { type CheckResult, ill, well } from './check.js'

const NAME = 'privileges'

/** Asks and tells. */
export async function checkPrivileges(config: Config): Promise<readonly CheckResult[]> {
  try {
    const self = await readControl(controlSocketOf(config), '/self', SELF)
    return [ofCollector(self), ...(self.use === null ? [] : [useOf(self.use)])]
  } catch (error) {
    if (error instanceof ControlAnswerError) return [ill(NAME, error.message, 'start the collector again with this version', 'warning')]
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

/** What it uses, and whether that is above its limits. */
function useOf({ cpuPercent = 0, memoryBytes = 0, isOverLimit = 0, secondsOverLimit = 0 }: Readonly<Record<string, number>>): CheckResult {
  const name = 'use of the collector'
  const detail = `${String(cpuPercent)} % of a core over ten seconds, ${String(Math.round(memoryBytes / 1_048_576))} MiB`
  if (isOverLimit === 0)
    return well(name, secondsOverLimit === 0 ? detail : `${detail}; ${String(secondsOverLimit)} s above its limits so far`)
  const mend =
    'events are told all the same; hashes, reads of /proc and aggregates are put off: raise collector.limits, or watch less (collector.watch, filters)'
  return ill(name, `${detail}: above collector.limits`, mend, 'warning')
}
