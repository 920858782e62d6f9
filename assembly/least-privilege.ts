// The capabilities that a running host keeps, and dropping the others once probes are loaded and ports are open, before the first byte from Kafka, a container
// runtime or a recording is read. The e2e test removes each capability to show why it is needed (test/e2e/cli/privileges.test.ts).
import { existsSync, statSync } from 'node:fs'
import { release } from 'node:os'
import type { Config } from '../infra/config/config-schema.js'
import { capabilitiesText, capabilitySet } from '../infra/process/capability-names.js'
import type { Logger } from '../infra/process/logger.js'
import { giveFolder, ownUser, processesOf } from '../infra/process/own-user.js'
import type { OtherUser } from '../native/addon.js'
import { dropPrivileges } from '../native/privileges.js'
import { isAtLeast } from '../native/requirements.js'
import { runtimeSocketsOf } from './container-runtimes.js'

/** Properties of a host that decide which capabilities it needs. */
export interface HostNeeds {
  readonly isLive: boolean
  /** As uname reports it. */
  readonly kernelRelease: string
  /** The host writes to a folder or socket that is closed to its user. */
  readonly isRefused: boolean
}

/** Mask of the capabilities that are kept until the end. */
export function neededCapabilities({ isLive, kernelRelease, isRefused }: HostNeeds): number {
  const names = [
    // Files of other users: rules, plans, user names in containers, sockets in closed folders.
    'CAP_DAC_READ_SEARCH',
    // /proc/PID/exe, cwd and root of other users' processes.
    ...(isLive ? ['CAP_SYS_PTRACE'] : []),
    // Before 5.19 (c8644cd0efe7) kernel.unprivileged_bpf_disabled also forbids reading maps.
    ...(isLive && !isAtLeast(kernelRelease, [5, 19]) ? ['CAP_BPF'] : []),
    // The state folder, or the socket of a user's podman.
    ...(isRefused ? ['CAP_DAC_OVERRIDE'] : []),
  ]
  return capabilitySet(names)
}

/** What a running host does besides reading. */
export interface HostDuties {
  readonly isLive: boolean
  /** Folders that it writes to, and that become its user's: state, pins. */
  readonly folders: readonly string[]
  /** It starts programs as root: the demo of `run`. */
  readonly startsPrograms?: boolean
}

/**
 * Drops the others, unless the settings keep all. Started by root, the host becomes its own user: what belongs to root can't be written any more.
 * @throws PrivilegesError
 */
export function leavePrivileges(config: Config['collector'], duties: HostDuties, log: Logger): void {
  if (config.privileges === 'keep') return
  const { isLive, folders, startsPrograms = false } = duties
  const sockets = runtimeSocketsOf(config)
  const becomes = process.getuid?.() === 0 && !startsPrograms ? userFor(sockets) : null
  if (becomes !== null) for (const folder of folders) if (existsSync(folder)) giveFolder(folder, becomes)
  if (becomes !== null) warnOfUser(becomes, log)
  const user = becomes ?? currentUser()
  const written = [...folders, ...sockets].filter((path) => !mayWrite(path, user))
  if (becomes !== null && written.length > 0) log.warn({ paths: written }, 'only root may write to these: CAP_DAC_OVERRIDE is kept')
  const needed = neededCapabilities({ isLive, kernelRelease: release(), isRefused: written.length > 0 })
  const { permitted } = dropPrivileges(needed, becomes, startsPrograms)
  log.info({ capabilities: capabilitiesText(permitted), uid: process.getuid?.() }, 'dropped privileges that are no longer needed')
}

/** Our own user, with the groups that may write to the runtimes' sockets. The group of root only if one of them is root's. */
function userFor(sockets: readonly string[]): OtherUser {
  return { ...ownUser(), groups: socketGroups(sockets) }
}

/** Groups that may write to sockets that are there. */
export function socketGroups(sockets: readonly string[]): number[] {
  const gids = sockets.flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false })
    return found !== undefined && (found.mode & 0o020) !== 0 ? [found.gid] : []
  })
  return [...new Set(gids)]
}

function warnOfUser({ uid, groups }: OtherUser, log: Logger): void {
  if (groups.includes(0))
    log.warn({ groups }, 'the socket of a container runtime is open to the group of root: the collector keeps that group')
  const pids = processesOf(uid)
  if (pids.length > 0) log.warn({ uid, pids }, 'other processes have the uid of the collector, and may end it')
}

function currentUser(): OtherUser {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, groups: process.getgroups?.() ?? [] }
}

/** Checks owner, group and mode only. A file that does not exist (yet) needs nothing. */
function mayWrite(path: string, user: OtherUser): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return true
  const { uid, gid, mode } = found
  if (uid === user.uid) return (mode & 0o200) !== 0
  return (mode & ([user.gid, ...user.groups].includes(gid) ? 0o020 : 0o002)) !== 0
}
