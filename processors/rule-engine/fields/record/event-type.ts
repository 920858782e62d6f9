// The type of an event as rules name it (`evt.type`): the system call, or a name for what is none. The one place that knows which
// types the records of a topic can have.
import type { KernelEvent, NetworkEvent } from '../../../../schemas/generated/types.js'
import type { RecordHead } from '../../judged-event.js'

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

/** Event types that the records of a topic may have. Which of them today's collector makes is emitted-kinds.ts. */
export const COLLECTED_TYPES_OF: Readonly<Record<RecordHead['topic'], readonly string[]>> = {
  process: words('execve execveat clone clone3 fork vfork procexit'),
  file: words(
    'open openat openat2 creat open_by_handle_at rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat ' +
      'rmdir chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat',
  ),
  network: words(
    'socket socketpair bind listen connect accept accept4 sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg shutdown close dns',
  ),
  kernel: words(
    'mount umount2 move_mount open_tree fsopen fsconfig fsmount mount_setattr pivot_root chroot ptrace process_vm_readv process_vm_writev ' +
      'setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups setsid setpgid capset setns unshare bpf ' +
      'perf_event_open init_module finit_module delete_module kexec_load kexec_file_load memfd_create memfd_secret userfaultfd ' +
      'io_uring_setup io_uring_enter io_uring_register io_uring dup dup2 dup3 fcntl pipe pipe2 kill tkill tgkill rt_sigqueueinfo ' +
      'rt_tgsigqueueinfo pidfd_send_signal pidfd_open pidfd_getfd signaldeliver oom_kill add_key request_key keyctl prctl seccomp mknod ' +
      'mknodat personality syslog sysinfo iopl ioperm reboot swapon swapoff sethostname setdomainname settimeofday clock_settime adjtimex ' +
      'clock_adjtime acct quotactl',
  ),
}

/** Event types that records can have. A rule about none of them can't fire. */
export const COLLECTED_EVENT_TYPES: readonly string[] = Object.values(COLLECTED_TYPES_OF).flat()
