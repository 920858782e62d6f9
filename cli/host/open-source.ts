// Where a command's events come from: live probes, a capture that was asked for, or, without the rights for probes, the one that ships with us.
import { existsSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { readHostFacts } from '../../collector/source/host-facts.js'
import type { EventSource } from '../../collector/source/event-source.js'
import { LiveSource } from '../../collector/source/live-source.js'
import { RecordedSource } from '../../collector/source/recorded-source.js'
import type { Config } from '../../infra/config/config-schema.js'
import { messageOf, UsageError } from '../../infra/errors.js'
import { packageRoot } from '../../infra/package-root.js'
import { openKernelSession } from '../../native/index.js'
import { ProbeUnavailableError } from '../../native/probe-unavailable-error.js'

/** The capture that is played where live probes can't run. */
export const SHIPPED_CAPTURE = join(packageRoot(), 'test/fixtures/captures/demo.capture')

/** Inode of the initial pid namespace (PROC_PID_INIT_INO, include/linux/proc_ns.h). */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]'

/** An open source. */
export interface OpenedSource {
  readonly source: EventSource
  /** File that is played; null for live probes. */
  readonly captureFile: string | null
  /** Why a capture is played although none was asked for; null otherwise. */
  readonly whyNotLive: string | null
}

/**
 * Opens the source. The caller closes it, or hands it to the collector, which does.
 * @param captureFile asked for by the user; undefined for live probes
 * @throws UsageError for a capture that is not there; ProbeUnavailableError when probes can't run and no capture may stand in
 */
export function openSource(collector: Config['collector'], captureFile: string | undefined, mayFallBack: boolean): OpenedSource {
  if (captureFile !== undefined) {
    if (!existsSync(captureFile)) throw new UsageError(`there is no capture ${captureFile}`)
    return { source: new RecordedSource(captureFile), captureFile, whyNotLive: null }
  }
  try {
    return { source: openLive(collector), captureFile: null, whyNotLive: null }
  } catch (error) {
    if (!(error instanceof ProbeUnavailableError) || !mayFallBack || !existsSync(SHIPPED_CAPTURE)) throw error
    return { source: new RecordedSource(SHIPPED_CAPTURE), captureFile: SHIPPED_CAPTURE, whyNotLive: messageOf(error) }
  }
}

function openLive({ argsBytes, securityRingBytes, bulkRingBytes, openReads }: Config['collector']): EventSource {
  const session = openKernelSession({
    argsBytes,
    securityRingBytes,
    bulkRingBytes,
    openReads,
    openArgument: true,
    ignoredPid: ownPid(),
  })
  return new LiveSource(session, readHostFacts(session.counters().length))
}

/** Our own opens would feed on themselves. Inside of a pid namespace our number is somebody else's on the host, so nobody is left out. */
function ownPid(): number {
  return readlinkSync('/proc/self/ns/pid') === INITIAL_PID_NAMESPACE ? process.pid : 0
}
