// Whether the probes of `collect` can outlive it: bpffs is mounted, and the folder of this host in it can be locked.
import { messageOf } from '../../infra/process/errors.js'
import { defaultStateFolder, openStateFolder } from '../../infra/process/state-folder.js'
import type { Config } from '../../infra/config/config-schema.js'
import { PinsUnavailableError } from '../../native/pins.js'
import { ill, well, type CheckResult } from './check.js'

const NAME = 'pins'

/** Locks the folder of the pins and releases it. A collector that holds it is fine. */
export async function checkPins({ collector, stateFolder }: Config): Promise<readonly CheckResult[]> {
  if (!collector.pins) return [well(NAME, 'switched off (collector.pins)')]
  try {
    const { hostId } = await openStateFolder(stateFolder ?? defaultStateFolder())
    const { hostPinFolder, HostPins } = await import('../../native/pins.js')
    const { loadAddon } = await import('../../native/index.js')
    const pins = HostPins.open(hostPinFolder(hostId), loadAddon())
    const sets = pins.sets().length
    pins.close()
    return [well(NAME, sets === 0 ? `can be made in ${pins.folder}` : `${String(sets)} in ${pins.folder}, without a collector`)]
  } catch (error) {
    if (error instanceof PinsUnavailableError && error.isHeld) return [well(NAME, 'held by the collector of this host')]
    const fix = 'what the message says; without pins, collect loses what happens while it does not run; run needs none'
    return [ill(NAME, messageOf(error), fix, 'warning')]
  }
}
