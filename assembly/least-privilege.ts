// The capabilities that a running host keeps, and dropping the others once probes are loaded and ports are open, before the first byte from Kafka, a container
// runtime or a recording is read. The e2e test removes each capability to show why it is needed (test/e2e/cli/privileges.test.ts).
import { statSync } from 'node:fs'
import { release } from 'node:os'
import type { Config } from '../infra/config/config-schema.js'
import { capabilitiesText, capabilitySet } from '../infra/process/capability-names.js'
import type { Logger } from '../infra/process/logger.js'
import { dropPrivileges } from '../native/privileges.js'
import { isAtLeast } from '../native/requirements.js'
import { runtimeSocketsOf } from './container-runtimes.js'

/** Properties of a host that decide which capabilities it needs. */
export interface HostNeeds {
  readonly isLive: boolean
  /** As uname reports it. */
  readonly kernelRelease: string
  /** Folder and sockets that the host writes to. */
  readonly written: readonly string[]
}

/** Mask of the capabilities that are kept until the end. */
export function neededCapabilities({ isLive, kernelRelease, written }: HostNeeds): number {
  const names = [
    // Files of other users: rules, plans, user names in containers, sockets in closed folders.
    'CAP_DAC_READ_SEARCH',
    // /proc/PID/exe, cwd and root of other users' processes.
    ...(isLive ? ['CAP_SYS_PTRACE'] : []),
    // Before 5.19 (c8644cd0efe7) kernel.unprivileged_bpf_disabled also forbids reading maps.
    ...(isLive && !isAtLeast(kernelRelease, [5, 19]) ? ['CAP_BPF'] : []),
    // The state folder, or the socket of a user's podman.
    ...(written.every(mayWrite) ? [] : ['CAP_DAC_OVERRIDE']),
  ]
  return capabilitySet(names)
}

/** Drops the others, unless the settings keep all. @throws PrivilegesError */
export function leavePrivileges(config: Config['collector'], isLive: boolean, stateFolder: string, log: Logger): void {
  if (config.privileges === 'keep') return
  const written = [stateFolder, ...runtimeSocketsOf(config)]
  const { permitted } = dropPrivileges(neededCapabilities({ isLive, kernelRelease: release(), written }))
  log.info({ capabilities: capabilitiesText(permitted) }, 'dropped privileges that are no longer needed')
}

/** Checks owner, group and mode only. A file that does not exist (yet) needs nothing. */
function mayWrite(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || process.geteuid === undefined || process.getgroups === undefined) return true
  const { uid, gid, mode } = found
  if (uid === process.geteuid()) return (mode & 0o200) !== 0
  return (mode & ([process.getegid?.(), ...process.getgroups()].includes(gid) ? 0o020 : 0o002)) !== 0
}
