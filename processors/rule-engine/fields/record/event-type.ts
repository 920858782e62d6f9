// The type of an event as rules name it (`evt.type`): the system call, or a name for what is none. The one place that knows which
// types the records of a topic can have.
import type { KernelEvent, NetworkEvent } from '../../../../schemas/generated/types.js'
import type { RecordHead, RuleTopic } from '../judged-event.js'

/** null for what no rule is asked about: a snapshot, and what the kernel did by itself to end a call that was told before. */
export function eventTypeOf(event: RecordHead): string | null {
  switch (event.topic) {
    case 'process': {
      const { type, syscall } = event.record
      if (type === 'exit') return 'procexit'
      if (type === 'snapshot' || type === 'UNKNOWN') return null
      if (syscall !== 'UNKNOWN') return syscall
      return type === 'exec' ? 'execve' : 'clone'
    }
    case 'file':
      return event.record.syscall === 'UNKNOWN' ? null : event.record.syscall
    case 'network':
      return networkType(event.record)
    case 'kernel':
      return kernelType(event.record)
  }
}

/** A DNS message is an event of its own beside the datagram that carried it, so it never has the name of the call. */
function networkType({ type, syscall }: Pick<NetworkEvent, 'type' | 'syscall'>): string | null {
  if (type === 'dns') return 'dns'
  if (syscall !== 'UNKNOWN') return syscall
  return type === 'close' ? 'close' : null
}

/** An operation that io_uring ran is told apart from the call that submitted it, which the system call `io_uring_enter` is. */
function kernelType({ type, syscall }: Pick<KernelEvent, 'type' | 'syscall'>): string | null {
  if (syscall !== 'UNKNOWN') return syscall
  if (type === 'signal') return 'signaldeliver'
  if (type === 'oom_kill') return 'oom_kill'
  return type === 'io_uring' ? 'io_uring' : null
}

const words = (text: string): readonly string[] => text.split(' ')

/** Event types by topic and type of record: what was done, and the calls that do it. */
export const RECORD_KINDS: Readonly<Record<RuleTopic, Readonly<Record<string, readonly string[]>>>> = {
  process: {
    exec: words('execve execveat'),
    fork: words('clone clone3 fork vfork'),
    exit: words('procexit'),
  },
  file: {
    open: words('open openat openat2 creat open_by_handle_at'),
    rename: words('rename renameat renameat2'),
    unlink: words('unlink unlinkat'),
    link: words('link linkat'),
    symlink: words('symlink symlinkat'),
    chmod: words('chmod fchmod fchmodat fchmodat2'),
    chown: words('chown lchown fchown fchownat'),
    mkdir: words('mkdir mkdirat'),
    rmdir: words('rmdir'),
  },
  network: {
    socket: words('socket socketpair'),
    bind: words('bind'),
    listen: words('listen'),
    connect: words('connect'),
    accept: words('accept accept4'),
    send: words('sendto sendmsg sendmmsg'),
    receive: words('recvfrom recvmsg recvmmsg'),
    close: words('close shutdown'),
    dns: words('dns'),
  },
  kernel: {
    mount: words('mount move_mount open_tree fsopen fsconfig fsmount mount_setattr'),
    umount: words('umount2'),
    chroot: words('chroot'),
    pivot_root: words('pivot_root'),
    ptrace: words('ptrace'),
    process_vm: words('process_vm_readv process_vm_writev'),
    setuid: words('setuid setreuid setresuid setfsuid'),
    setgid: words('setgid setregid setresgid setfsgid setgroups'),
    capset: words('capset'),
    setns: words('setns'),
    unshare: words('unshare'),
    bpf: words('bpf'),
    perf_event: words('perf_event_open'),
    module_load: words('init_module finit_module'),
    module_unload: words('delete_module'),
    kexec: words('kexec_load kexec_file_load'),
    memfd: words('memfd_create memfd_secret'),
    userfaultfd: words('userfaultfd'),
    io_uring: words('io_uring_setup io_uring_enter io_uring_register io_uring'),
    dup: words('dup dup2 dup3 fcntl'),
    signal: words('kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal signaldeliver'),
    oom_kill: words('oom_kill'),
    keyctl: words('keyctl add_key request_key'),
    prctl: words('prctl'),
    seccomp: words('seccomp'),
    mknod: words('mknod mknodat'),
    ipc: words('shmget shmat shmctl semget semctl msgget msgctl mq_open mq_unlink'),
    call: words(
      'setsid setpgid pidfd_open pidfd_getfd pipe pipe2 personality syslog sysinfo iopl ioperm reboot swapon swapoff sethostname ' +
        'setdomainname settimeofday clock_settime adjtimex clock_adjtime acct quotactl',
    ),
  },
}

const typesOf = (topic: RuleTopic): readonly string[] => Object.values(RECORD_KINDS[topic]).flat()

/** Event types that the records of a topic may have. Which of them today's collector makes is emitted-kinds.ts. */
export const COLLECTED_TYPES_OF: Readonly<Record<RuleTopic, readonly string[]>> = {
  process: typesOf('process'),
  file: typesOf('file'),
  network: typesOf('network'),
  kernel: typesOf('kernel'),
}

/** Event types that records can have. A rule about none of them can't fire. */
export const COLLECTED_EVENT_TYPES: readonly string[] = Object.values(COLLECTED_TYPES_OF).flat()

/** Types of records by topic, but for some. */
export function kindsWithout(without: Partial<Record<RuleTopic, readonly string[]>>): Record<RuleTopic, string[]> {
  const left = (topic: RuleTopic): string[] => Object.keys(RECORD_KINDS[topic]).filter((type) => without[topic]?.includes(type) !== true)
  return { process: left('process'), file: left('file'), network: left('network'), kernel: left('kernel') }
}
