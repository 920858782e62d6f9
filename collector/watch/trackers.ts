// The trackers: groups of kinds that a user switches on and off together. The control API and `eunomia trackers` use their names.
import { KIND } from '../../native/generated/layout.js'
import { type KindName } from '../ring-events/event-kinds.js'

/** A group of kinds. */
export interface Tracker {
  readonly name: string
  readonly description: string
  /** Switchable kinds, by their number in ring records. */
  readonly kinds: readonly number[]
  /** Kinds of this group that are always reported, because they identify processes and containers. */
  readonly fixedKinds: readonly number[]
}

const numbers = (names: readonly KindName[]): readonly number[] => names.map((name) => KIND[name])

const tracker = (name: string, description: string, kinds: readonly KindName[], fixed: readonly KindName[] = []): Tracker => ({
  name,
  description,
  kinds: numbers(kinds),
  fixedKinds: numbers(fixed),
})

/** All of them. Each kind belongs to one. */
export const TRACKERS: readonly Tracker[] = [
  tracker('processes', 'refused execs; forks, execs and exits are always reported', ['execRefused'], ['fork', 'exec', 'exit', 'streams']),
  tracker('containers', 'created and removed cgroups; always reported', [], ['cgroupMkdir', 'cgroupRmdir']),
  tracker('opens', 'files that are opened', ['open']),
  tracker('files', 'names, modes, owners, lengths, times and extended attributes of files', [
    ...(['rename', 'unlink', 'link', 'symlink', 'chmod', 'chown', 'mkdir', 'rmdir', 'mknod', 'truncate', 'xattr', 'times'] as const),
  ]),
  tracker(
    'network',
    'sockets, connections and DNS; ends of connections are reported unless a plan excludes them',
    ['socket', 'bind', 'listen', 'connect', 'accept', 'send', 'receive', 'dns'],
    ['close'],
  ),
  tracker('mounts', 'mounts and changes of the root folder', ['mount', 'umount', 'chroot', 'pivotRoot']),
  tracker('privileges', 'user and group ids, capabilities, seccomp, prctl, keys', [
    ...(['setuid', 'setgid', 'capset', 'seccomp', 'prctl', 'keyctl'] as const),
  ]),
  tracker('namespaces', 'namespaces entered or created', ['setns', 'unshare']),
  tracker('tracing', 'access to other processes: ptrace, memory, perf events', ['ptrace', 'processVm', 'perfEvent']),
  tracker('modules', 'kernel code: modules, BPF programs, kexec', ['moduleLoad', 'moduleUnload', 'kexec', 'bpf']),
  tracker('memory', 'files in memory, page faults handled in user space', ['memfd', 'userfaultfd']),
  tracker('descriptors', 'duplicated descriptors; pipes are counted', ['dup', 'pipe']),
  tracker('io-uring', 'io_uring requests; always reported, through their own hooks', [], ['ioUring']),
  tracker('devices', 'requests to devices and files (ioctl) that inject input, protect files, or change networks and disks', ['ioctl']),
  tracker('ipc', 'shared memory, semaphores and message queues: created, attached, changed, removed', ['ipc']),
  tracker('signals', 'signals sent', ['signal']),
  tracker('oom', 'processes killed by the kernel for lack of memory; always reported', [], ['oomKill']),
  tracker('system', 'other calls that change the system: clocks, host name, swap, sessions, reboot', ['call']),
]

/** All switchable kinds. */
export const SWITCHED_KINDS: ReadonlySet<number> = new Set(TRACKERS.flatMap(({ kinds }) => kinds))

/** Kinds that are always reported, including those with their own hooks. */
export const FIXED_KINDS: ReadonlySet<number> = new Set(TRACKERS.flatMap(({ fixedKinds }) => fixedKinds))

/** The tracker of that name. */
export function trackerNamed(name: string): Tracker | undefined {
  return TRACKERS.find((one) => one.name === name)
}
