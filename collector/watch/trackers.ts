// The trackers: groups of kinds that a person switches off and on together. Names are those of the control API and of `eunomia trackers`.
import { KIND } from '../../native/generated/layout.js'
import { type KindName } from '../ring-events/event-kinds.js'

/** A group of kinds. */
export interface Tracker {
  readonly name: string
  readonly description: string
  /** Kinds that are switched, by their number in ring records. */
  readonly kinds: readonly number[]
  /** Kinds that belong here and are always told, since who did something, and where, is known from them. */
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
  tracker('processes', 'execs that were refused; forks, execs and exits are always told', ['execRefused'], ['fork', 'exec', 'exit']),
  tracker('containers', 'cgroups that come and go; always told', [], ['cgroupMkdir', 'cgroupRmdir']),
  tracker('opens', 'files that are opened', ['open']),
  tracker('files', 'names, modes and owners of files', [
    ...(['rename', 'unlink', 'link', 'symlink', 'chmod', 'chown', 'mkdir', 'rmdir', 'mknod'] as const),
  ]),
  tracker(
    'network',
    'sockets, connections and DNS; ends of connections are told unless a plan leaves them out',
    ['socket', 'bind', 'listen', 'connect', 'accept', 'send', 'receive', 'dns'],
    ['close'],
  ),
  tracker('mounts', 'mounts and changes of the root folder', ['mount', 'umount', 'chroot', 'pivotRoot']),
  tracker('privileges', 'user and group ids, capabilities, seccomp, prctl, keys', [
    ...(['setuid', 'setgid', 'capset', 'seccomp', 'prctl', 'keyctl'] as const),
  ]),
  tracker('namespaces', 'namespaces entered or made', ['setns', 'unshare']),
  tracker('tracing', 'processes that look into others: ptrace, their memory, perf events', ['ptrace', 'processVm', 'perfEvent']),
  tracker('modules', 'code for the kernel: modules, BPF programs, kexec', ['moduleLoad', 'moduleUnload', 'kexec', 'bpf']),
  tracker('memory', 'files in memory only, page faults handled by programs', ['memfd', 'userfaultfd']),
  tracker('descriptors', 'descriptors that are doubled', ['dup']),
  tracker('io-uring', 'what goes through io_uring; always told, since it has hooks of its own', [], ['ioUring']),
  tracker('ipc', 'shared memory, semaphores and message queues that are made, attached, changed and removed', ['ipc']),
  tracker('signals', 'signals sent', ['signal']),
  tracker('oom', 'processes that the kernel ends for want of memory; always told', [], ['oomKill']),
  tracker('system', 'other calls that change the system: clocks, host name, swap, sessions, reboot', ['call']),
]

/** Every kind that can be switched. */
export const SWITCHED_KINDS: ReadonlySet<number> = new Set(TRACKERS.flatMap(({ kinds }) => kinds))

/** Kinds that are always told, those with hooks of their own among them. */
export const FIXED_KINDS: ReadonlySet<number> = new Set(TRACKERS.flatMap(({ fixedKinds }) => fixedKinds))

/** The tracker of that name. */
export function trackerNamed(name: string): Tracker | undefined {
  return TRACKERS.find((one) => one.name === name)
}
