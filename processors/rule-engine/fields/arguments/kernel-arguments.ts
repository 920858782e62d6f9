// Arguments of the calls that change what a process may do, see or access, and of signals.
import { capabilitiesText } from '../../../../infra/process/capability-names.js'
import {
  bpfCommandText,
  logActionText,
  prctlOptionText,
  ptraceRequestText,
  ringOpcodeText,
  ringSetupFlagsText,
} from '../kernel-names/call-commands.js'
import { namespaceFlagsText, memoryFileFlagsText, moduleFlagsText } from '../kernel-names/flag-names.js'
import {
  modeText,
  mountAttributesText,
  mountFlagsText,
  octalText,
  openFlagsText,
  openTreeFlagsText,
  umountFlagsText,
} from '../kernel-names/file-flags.js'
import { ioctlFlagsText, ioctlRequestText } from '../kernel-names/ioctl-requests.js'
import { signalText } from '../kernel-names/result-names.js'
import { fullPath, givenPath, GIVEN_PATH_SOURCE, PATH_SOURCE } from '../descriptor/call-path.js'
import { recordText } from '../record/record-text.js'
import {
  DESCRIPTOR,
  HEX,
  OWN_PID,
  pathStyle,
  RESULT,
  argumentMaker,
  named,
  type ArgumentStyle,
  type ArgumentTable,
  type EventArgument,
  type EventOf,
} from './event-argument.js'

type Event = EventOf<'kernel'>
type KernelRecord = Event['record']
const O_CLOEXEC = 0o2000000
const argument = argumentMaker<Event>('KernelEvent')

/** A field of the record, unchanged. */
function plain(name: string, key: keyof KernelRecord & string, style: ArgumentStyle<Event> = {}): EventArgument<Event> {
  return argument(
    name,
    `KernelEvent.${key}`,
    ({ record }) => {
      const value = record[key]
      return typeof value === 'number' ? value : undefined
    },
    style,
  )
}

function text(name: string, key: 'source' | 'fsType' | 'name' | 'options'): EventArgument<Event> {
  return argument(name, `KernelEvent.${key}`, (event) => recordText(event, key, event.record[key]))
}

const res = plain('res', 'result', RESULT)
const newFd = (name: string): EventArgument<Event> => plain(name, 'result', DESCRIPTOR)
const givenFd = (name: string): EventArgument<Event> => plain(name, 'fd', DESCRIPTOR)
const path = (name: string): EventArgument<Event> =>
  argument(name, `${GIVEN_PATH_SOURCE} ${PATH_SOURCE}`, (event) => givenPath(event) ?? fullPath(event), pathStyle(fullPath, PATH_SOURCE))
const flags = (textOf: (flags: number) => string): EventArgument<Event> => plain('flags', 'flags', named(textOf))
const target = (name: string): EventArgument<Event> =>
  plain(name, 'targetPid', {
    resolved: (_raw, event) => recordText(event, 'targetName', event.record.targetName) ?? '',
    resolvedSource: 'KernelEvent.targetName',
  })
const sig = plain('sig', 'signal', named(signalText))

/** A user: its name if it is the current user of the process, or root. */
const USER: ArgumentStyle<Event> = {
  resolved: (raw, event) => {
    const { process } = event.record
    if (raw === process.uid) return recordText(event, 'process.user', process.user) ?? (raw === 0 ? 'root' : '')
    return raw === 0 ? 'root' : ''
  },
  resolvedSource: 'Process.uid Process.user',
}
const GROUP: ArgumentStyle<Event> = {
  resolved: (raw, event) => {
    const { process } = event.record
    if (raw === process.gid) return recordText(event, 'process.group', process.group) ?? (raw === 0 ? 'root' : '')
    return raw === 0 ? 'root' : ''
  },
  resolvedSource: 'Process.gid Process.group',
}

/** The only flag of dup3. */
function closeOnExecText(flags: number): string {
  return (flags & O_CLOEXEC) === 0 ? '' : 'O_CLOEXEC'
}

const MODULE = [givenFd('fd'), text('uargs', 'options'), flags(moduleFlagsText)]
const MKNOD = [
  argument('mode', 'KernelEvent.mode', ({ record }) => record.mode, {
    plain: (raw) => (typeof raw === 'number' ? octalText(raw) : String(raw)),
    ...named(modeText),
  }),
  plain('dev', 'device', HEX),
]
/** The type and source of a mount as the kernel has them. */
const KNOWN_MOUNT = [text('dev', 'source'), text('type', 'fsType')]
const attributes = plain('attr', 'mountAttributes', named(mountAttributesText))
const protection = plain('flags', 'flags', {
  resolved: (raw, { record }) => (typeof raw === 'number' ? ioctlFlagsText(record.request, raw) : ''),
  resolvedSource: 'KernelEvent.request',
})
const SIGNAL_TO_PID = [res, target('pid'), sig]

/** Arguments in Falco's order and under its names. Calls for which Falco has no arguments use names that it has elsewhere. */
export const KERNEL_ARGUMENTS: ArgumentTable<Event> = {
  mount: [res, text('dev', 'source'), path('dir'), text('type', 'fsType'), flags(mountFlagsText), text('data', 'options')],
  umount: [res, path('name')],
  umount2: [res, path('name'), flags(umountFlagsText)],
  open_tree: [newFd('fd'), path('path'), flags(openTreeFlagsText), ...KNOWN_MOUNT],
  open_tree_attr: [newFd('fd'), path('path'), flags(openTreeFlagsText), attributes, ...KNOWN_MOUNT],
  move_mount: [res, path('path'), plain('flags', 'flags'), ...KNOWN_MOUNT],
  fsopen: [newFd('fd'), text('type', 'fsType'), plain('flags', 'flags')],
  fsconfig: [res, givenFd('fd'), plain('cmd', 'request'), text('key', 'name'), text('data', 'options'), text('dev', 'source')],
  fsmount: [newFd('fd'), plain('flags', 'flags'), ...KNOWN_MOUNT],
  fspick: [newFd('fd'), path('path'), plain('flags', 'flags')],
  mount_setattr: [res, path('path'), flags(openTreeFlagsText), attributes],
  ioctl: [res, givenFd('fd'), plain('request', 'request', named(ioctlRequestText)), path('path'), protection, text('name', 'name')],
  file_setattr: [res, path('path'), protection],
  pivot_root: [res, path('new_root')],
  chroot: [res, path('path')],
  ptrace: [res, plain('request', 'request', named(ptraceRequestText)), target('pid')],
  process_vm_readv: [res, target('pid'), plain('size', 'size')],
  process_vm_writev: [res, target('pid'), plain('size', 'size')],
  setuid: [res, plain('uid', 'uid', USER)],
  setgid: [res, plain('gid', 'gid', GROUP)],
  setreuid: [res, plain('ruid', 'uid', USER), plain('euid', 'euid', USER)],
  setregid: [res, plain('rgid', 'gid', GROUP), plain('egid', 'egid', GROUP)],
  setresuid: [res, plain('ruid', 'uid', USER), plain('euid', 'euid', USER), plain('suid', 'suid', USER)],
  setresgid: [res, plain('rgid', 'gid', GROUP), plain('egid', 'egid', GROUP), plain('sgid', 'sgid', GROUP)],
  setfsuid: [res, plain('uid', 'fsuid', USER)],
  setfsgid: [res, plain('gid', 'fsgid', GROUP)],
  syslog: [res, plain('action', 'request', named(logActionText))],
  setsid: [plain('res', 'result')],
  setpgid: [res, target('pid')],
  capset: [
    res,
    plain('cap_inheritable', 'capInheritable', named(capabilitiesText)),
    plain('cap_permitted', 'capPermitted', named(capabilitiesText)),
    plain('cap_effective', 'capEffective', named(capabilitiesText)),
  ],
  setns: [res, givenFd('fd'), plain('nstype', 'flags', named(namespaceFlagsText))],
  unshare: [res, flags(namespaceFlagsText)],
  bpf: [newFd('fd'), plain('cmd', 'request', named(bpfCommandText)), text('name', 'name')],
  perf_event_open: [newFd('fd'), plain('flags', 'flags')],
  init_module: [res, plain('length', 'size'), text('uargs', 'options'), text('name', 'name')],
  finit_module: [res, ...MODULE, text('name', 'name')],
  delete_module: [res, text('name', 'name'), plain('flags', 'flags')],
  kexec_load: [res, plain('flags', 'flags')],
  kexec_file_load: [res, givenFd('fd'), plain('flags', 'flags')],
  memfd_create: [newFd('fd'), text('name', 'name'), flags(memoryFileFlagsText)],
  memfd_secret: [newFd('fd'), plain('flags', 'flags')],
  userfaultfd: [res, flags((value) => openFlagsText(value))],
  io_uring_setup: [res, plain('sq_entries', 'size'), flags(ringSetupFlagsText)],
  io_uring_enter: [res, givenFd('fd'), plain('flags', 'flags')],
  io_uring_register: [res, givenFd('fd'), plain('op', 'request')],
  io_uring: [res, plain('op', 'request', named(ringOpcodeText)), path('path')],
  dup: [newFd('res'), givenFd('oldfd')],
  dup2: [newFd('res'), givenFd('oldfd'), plain('newfd', 'newFd', DESCRIPTOR)],
  dup3: [newFd('res'), givenFd('oldfd'), plain('newfd', 'newFd', DESCRIPTOR), flags(closeOnExecText)],
  fcntl: [newFd('res'), givenFd('fd'), plain('cmd', 'request')],
  kill: SIGNAL_TO_PID,
  tkill: [res, target('tid'), sig],
  tgkill: [res, target('pid'), target('tid'), sig],
  rt_sigqueueinfo: SIGNAL_TO_PID,
  rt_tgsigqueueinfo: SIGNAL_TO_PID,
  pidfd_send_signal: SIGNAL_TO_PID,
  pidfd_open: [newFd('fd'), target('pid'), plain('flags', 'flags')],
  pidfd_getfd: [newFd('fd'), target('pid')],
  signaldeliver: [argument('spid', 'Process.pid', ({ record }) => record.process.pid, OWN_PID), target('dpid'), sig],
  oom_kill: [target('pid'), plain('size', 'size')],
  drop: [
    argument('count', 'KernelEvent.droppedEvents KernelEvent.refusedEvents', ({ record }) =>
      record.droppedEvents === null ? null : record.droppedEvents + (record.refusedEvents ?? 0),
    ),
  ],
  add_key: [res, text('key', 'name')],
  request_key: [res, text('key', 'name')],
  keyctl: [res, plain('cmd', 'request'), text('key', 'name')],
  prctl: [res, plain('option', 'request', named(prctlOptionText)), text('arg2_str', 'name')],
  seccomp: [res, plain('op', 'request'), plain('flags', 'flags')],
  mknod: [res, path('path'), ...MKNOD],
  mknodat: [res, path('path'), ...MKNOD],
  shmget: [res, plain('size', 'size'), plain('flags', 'flags')],
  shmat: [res, plain('flags', 'flags')],
  shmctl: [res, plain('cmd', 'request')],
  semget: [res, plain('nsems', 'size'), plain('semflg', 'flags')],
  semctl: [res, plain('cmd', 'request')],
  msgget: [res, plain('flags', 'flags')],
  msgctl: [res, plain('cmd', 'request')],
  mq_open: [newFd('fd'), text('name', 'name'), flags((value) => openFlagsText(value))],
  mq_unlink: [res, text('name', 'name')],
}
