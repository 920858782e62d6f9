// What a host that runs keeps of its privileges, and giving up the rest once probes are loaded and ports are open: before the first byte from Kafka, a container
// runtime or a recording is read. What each is kept for was found by leaving it out (test/e2e/cli/privileges.test.ts).
import { statSync } from 'node:fs'
import { release } from 'node:os'
import type { Config } from '../infra/config/config-schema.js'
import { capabilitiesText, capabilitySet } from '../infra/process/capability-names.js'
import type { Logger } from '../infra/process/logger.js'
import { dropPrivileges } from '../native/drop-privileges.js'
import { isAtLeast } from '../native/kernel-need.js'
import { runtimeSocketsOf } from './container-runtimes.js'

/** What a host runs on, as far as its needs go. */
export interface HostNeeds {
  readonly isLive: boolean
  /** As uname gives it. */
  readonly kernelRelease: string
  /** Folder and sockets that are written to. */
  readonly written: readonly string[]
}

/** Capabilities that are kept until the end, of those that are held. */
export function neededCapabilities({ isLive, kernelRelease, written }: HostNeeds): number {
  const names = [
    // Files of others: rules, plans, user names in containers, sockets in closed folders.
    'CAP_DAC_READ_SEARCH',
    // /proc/PID/exe, cwd, root of processes of other users.
    ...(isLive ? ['CAP_SYS_PTRACE'] : []),
    // Before 5.19 (c8644cd0efe7) kernel.unprivileged_bpf_disabled forbids to read maps, too.
    ...(isLive && !isAtLeast(kernelRelease, [5, 19]) ? ['CAP_BPF'] : []),
    // The state folder, or the socket of a user's podman.
    ...(written.every(mayWrite) ? [] : ['CAP_DAC_OVERRIDE']),
  ]
  return capabilitySet(names)
}

/** Gives up the rest, unless the settings keep all. @throws PrivilegesError */
export function leavePrivileges(config: Config['collector'], isLive: boolean, stateFolder: string, log: Logger): void {
  if (config.privileges === 'keep') return
  const written = [stateFolder, ...runtimeSocketsOf(config)]
  const { permitted } = dropPrivileges(neededCapabilities({ isLive, kernelRelease: release(), written }))
  log.info({ capabilities: capabilitiesText(permitted) }, 'privileges that are not needed any more are given up')
}

/** By owner, group and mode alone; what is not there (yet) needs nothing. */
function mayWrite(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || process.geteuid === undefined || process.getgroups === undefined) return true
  const { uid, gid, mode } = found
  if (uid === process.geteuid()) return (mode & 0o200) !== 0
  return (mode & ([process.getegid?.(), ...process.getgroups()].includes(gid) ? 0o020 : 0o002)) !== 0
}
