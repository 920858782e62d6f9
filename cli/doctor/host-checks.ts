// Checks of this host: programs load, each probe attaches, a real exec passes the ring, pins are possible, the collector's privileges and use, the clocks.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { controlSocketOf } from '../../assembly/control-settings.js'
import { SELF, type SelfReport } from '../../collector/control/control-answers.js'
import { ControlAnswerError, ControlRefusedError, ControlUnreachableError, readControl } from '../../collector/control/control-client.js'
import type { Config } from '../../infra/config/config-schema.js'
import { capabilitiesText } from '../../infra/process/capability-names.js'
import { messageOf } from '../../infra/process/errors.js'
import { packageRoot } from '../../infra/process/package-root.js'
import { defaultStateFolder, openStateFolder } from '../../infra/process/state-folder.js'
import type { ProbeState } from '../../native/addon.js'
import { PinsUnavailableError } from '../../native/pins.js'
import { heldPrivileges } from '../../native/privileges.js'
import type { KernelSession, Ring } from '../../native/rings.js'
import { type CheckResult, ill, well } from './check.js'

const EVENT_DEADLINE_MS = 3000
const BTF = '/sys/kernel/btf/vmlinux'

/** Kernel, BTF, probes, ring. */
export async function checkKernel(collector: Config['collector']): Promise<readonly CheckResult[]> {
  const results = [well('kernel', release()), btf()]
  let session: KernelSession
  try {
    const { openKernelSession } = await import('../../native/rings.js')
    session = openKernelSession({ ...collector, openArgument: true, environmentNames: [], ignoredPid: 0 })
  } catch (error) {
    return [
      ...results,
      ill('probes', messageOf(error), 'correct what this check names; without live probes `eunomia run` replays a capture'),
    ]
  }
  try {
    return [...results, ...session.probes.map(probe), await ring(session)]
  } finally {
    session.close()
  }
}

function btf(): CheckResult {
  if (existsSync(BTF)) return well('BTF', BTF)
  return ill('BTF', `${BTF} is missing`, 'use a kernel built with CONFIG_DEBUG_INFO_BTF=y')
}

function probe(state: ProbeState): CheckResult {
  const name = `probe ${state.name}`
  if (state.isAttached) return well(name, 'attached')
  return ill(name, state.error ?? 'not attached', 'its events are not watched; use a newer kernel, or grant what this check names')
}

/** An exec of our own, identified by its argument, must arrive in the security ring. */
async function ring(session: KernelSession): Promise<CheckResult> {
  const marker = `eunomia-doctor-${randomUUID()}`
  const startedMs = performance.now()
  const child = spawn('/bin/sh', ['-c', ':', marker], { stdio: 'ignore' })
  child.on('error', () => undefined)
  const deadline = startedMs + EVENT_DEADLINE_MS
  while (performance.now() < deadline) {
    if (holds(session.rings[0], marker)) return well('ring', `an exec arrived in ${(performance.now() - startedMs).toFixed(1)} ms`)
    await delay(1)
  }
  return ill('ring', `no exec arrived within ${String(EVENT_DEADLINE_MS)} ms`, 'report this with the lines above')
}

function holds(source: Ring, marker: string): boolean {
  const span = { startOffset: 0, endOffset: 0, endPosition: 0, bytesBehind: 0 }
  while (source.poll(span, 1 << 20) > 0) {
    const found = Buffer.from(source.bytes.buffer, source.bytes.byteOffset + span.startOffset, span.endOffset - span.startOffset).includes(
      marker,
    )
    source.ack(span.endPosition)
    if (found) return true
  }
  return false
}

const PINS = 'pins'
const PINS_FIX = 'correct what this check names; without pins, collect loses events while it does not run; run needs none'

/** Pins: bpffs is mounted, and the folder of this host can be locked. A lock that a collector holds is fine. Others' pins have a reader. */
export async function checkPins({ collector, stateFolder }: Config): Promise<readonly CheckResult[]> {
  if (!collector.pins) return [well(PINS, 'switched off (collector.pins)')]
  try {
    const { hostId } = await openStateFolder(stateFolder ?? defaultStateFolder())
    return [await ownPins(hostId), ...(await othersPins(hostId))]
  } catch (error) {
    return [ill(PINS, messageOf(error), PINS_FIX, 'warning')]
  }
}

async function ownPins(hostId: string): Promise<CheckResult> {
  const { hostPinFolder, HostPins } = await import('../../native/pins.js')
  const { loadAddon } = await import('../../native/index.js')
  try {
    const pins = HostPins.open(hostPinFolder(hostId), loadAddon())
    const sets = pins.sets().length
    pins.close()
    return well(PINS, sets === 0 ? `can be created in ${pins.folder}` : `${String(sets)} in ${pins.folder}, without a collector`)
  } catch (error) {
    if (error instanceof PinsUnavailableError && error.isHeld) return well(PINS, 'held by the collector of this host')
    return ill(PINS, messageOf(error), PINS_FIX, 'warning')
  }
}

/** Probes that run for nobody cost time at each call. */
async function othersPins(hostId: string): Promise<CheckResult[]> {
  const { abandonedPins, hostPinFolder } = await import('../../native/pins.js')
  return abandonedPins(hostPinFolder(hostId)).map((folder) =>
    ill(
      PINS,
      `probes of a collector with another state folder are in ${folder}, and nobody reads them`,
      `start that collector, or remove them: rm -r ${folder}`,
      'warning',
    ),
  )
}

const PRIVILEGES = 'privileges'

/** Privileges and use of the running collector; without one, the privileges of this process. */
export async function checkPrivileges(config: Config): Promise<readonly CheckResult[]> {
  try {
    const self = await selfOf(config)
    if (self !== null) return [ofCollector(self), ...(self.use === null ? [] : [useOf(self.use)])]
    const { permitted } = heldPrivileges()
    return [well(PRIVILEGES, `no collector answers; this command has ${capabilitiesText(permitted) || 'no capabilities'}`)]
  } catch (error) {
    if (error instanceof ControlUnreachableError) return [ill(PRIVILEGES, error.message, 'see the log of the collector', 'warning')]
    if (!(error instanceof ControlAnswerError)) throw error
    return [ill(PRIVILEGES, error.message, 'restart the collector with this version', 'warning')]
  }
}

/** What the running collector reports of itself; null without one. @throws ControlAnswerError of another version, ControlUnreachableError when it hangs */
async function selfOf(config: Config): Promise<SelfReport | null> {
  try {
    return await readControl(controlSocketOf(config), '/self', SELF)
  } catch (error) {
    if ((error instanceof ControlUnreachableError && !error.isHung) || error instanceof ControlRefusedError) return null
    throw error
  }
}

function ofCollector({ pid, userId, threads, capabilities, noNewPrivileges }: SelfReport): CheckResult {
  const held = capabilities.length === 0 ? 'no capabilities' : capabilities.join(' ')
  const detail = `the collector (pid ${String(pid)}, uid ${String(userId)}, ${String(threads)} threads) holds ${held}`
  if (noNewPrivileges) return well(PRIVILEGES, `${detail}, and cannot gain others`)
  return ill(
    PRIVILEGES,
    `${detail}, and programs that it starts can gain others`,
    'set collector.privileges=least and restart it',
    'warning',
  )
}

/** CPU and memory of the collector against its limits. */
function useOf({ cpuPercent = 0, memoryBytes = 0, isOverLimit = 0, secondsOverLimit = 0 }: Readonly<Record<string, number>>): CheckResult {
  const name = 'use of the collector'
  const detail = `${String(cpuPercent)} % of a core over ten seconds, ${String(Math.round(memoryBytes / 1_048_576))} MiB`
  if (isOverLimit === 0)
    return well(name, secondsOverLimit === 0 ? detail : `${detail}; ${String(secondsOverLimit)} s above its limits so far`)
  const fix =
    'events are still reported; hashes, reads of /proc and aggregates are postponed: raise collector.limits, or watch less (collector.watch, filters)'
  return ill(name, `${detail}: above collector.limits`, fix, 'warning')
}

const WATCH_MS = 200
/** More than slewing (500 ppm), less than a significant step. */
const STEP_MS = 5

/** An offset that delays alone do not explain. */
const OFF_MS = 5_000

/** Compares wall time and time since boot for a moment, and the clock with that of the Kafka brokers, as the running collector reports it. */
export async function checkClock(config: Config): Promise<readonly CheckResult[]> {
  const wall = Date.now()
  const built = statSync(join(packageRoot(), 'package.json')).mtimeMs
  const fix = 'synchronise the clock with NTP (systemd-timesyncd, chrony); events keep their order, but their wall times are wrong'
  if (wall < built) return [ill('clock', `it is ${new Date(wall).toISOString()}, before this version was built`, fix)]
  const monotonic = performance.now()
  const before = Date.now() - monotonic
  await delay(WATCH_MS)
  const step = Date.now() - performance.now() - before
  if (Math.abs(step) > STEP_MS) return [ill('clock', `stepped by ${step.toFixed(0)} ms within ${String(WATCH_MS)} ms`, fix)]
  // A collector of another version is reported by the check of privileges.
  const self = await selfOf(config).catch(() => null)
  return [ofClock(new Date(wall).toISOString(), self?.clockOffsetMs ?? null)]
}

/** @param offsetMs of the clock of this host to that of the brokers; null while not known */
export function ofClock(time: string, offsetMs: number | null): CheckResult {
  if (offsetMs === null) return well('clock', time)
  const detail = `${time}, ${String(Math.abs(offsetMs))} ms ${offsetMs < 0 ? 'behind' : 'ahead of'} the Kafka brokers`
  if (Math.abs(offsetMs) <= OFF_MS) return well('clock', detail)
  return ill('clock', detail, 'synchronise the clocks of this host and of the brokers with NTP (systemd-timesyncd, chrony)', 'warning')
}
