// System calls that events are shown for as records of auditd, with their numbers on x86-64.
import { COLLECTED_TYPES_OF } from '../../../fields/record/event-type.js'

/** Calls that start a program. */
export const EXECS: readonly string[] = ['execve', 'execveat']

/** Types of events that are no system calls. */
const NO_CALLS: readonly string[] = ['procexit', 'dns', 'io_uring', 'signaldeliver', 'oom_kill']

/** Every system call that records exist for. */
export const CALLS: readonly string[] = Object.values(COLLECTED_TYPES_OF)
  .flat()
  .filter((type) => !NO_CALLS.includes(type))

const NUMBERS =
  'open 2 close 3 pipe 22 shmget 29 shmat 30 shmctl 31 dup 32 dup2 33 socket 41 connect 42 accept 43 sendto 44 recvfrom 45 sendmsg 46 recvmsg 47 shutdown 48 bind 49 ' +
  'listen 50 socketpair 53 clone 56 fork 57 vfork 58 execve 59 kill 62 semget 64 semctl 66 msgget 68 msgctl 71 fcntl 72 rename 82 mkdir 83 rmdir 84 creat 85 link 86 unlink 87 ' +
  'symlink 88 chmod 90 fchmod 91 chown 92 fchown 93 lchown 94 sysinfo 99 ptrace 101 syslog 103 setuid 105 setgid 106 setpgid 109 setsid 112 ' +
  'setreuid 113 setregid 114 setgroups 116 setresuid 117 setresgid 119 setfsuid 122 setfsgid 123 capset 126 rt_sigqueueinfo 129 mknod 133 ' +
  'personality 135 pivot_root 155 prctl 157 adjtimex 159 chroot 161 acct 163 settimeofday 164 mount 165 umount2 166 swapon 167 swapoff 168 ' +
  'reboot 169 sethostname 170 setdomainname 171 iopl 172 ioperm 173 init_module 175 delete_module 176 quotactl 179 tkill 200 ' +
  'clock_settime 227 tgkill 234 mq_open 240 mq_unlink 241 kexec_load 246 add_key 248 request_key 249 keyctl 250 openat 257 mkdirat 258 mknodat 259 fchownat 260 ' +
  'unlinkat 263 renameat 264 linkat 265 symlinkat 266 fchmodat 268 unshare 272 accept4 288 dup3 292 pipe2 293 rt_tgsigqueueinfo 297 ' +
  'perf_event_open 298 recvmmsg 299 open_by_handle_at 304 clock_adjtime 305 sendmmsg 307 setns 308 process_vm_readv 310 ' +
  'process_vm_writev 311 finit_module 313 renameat2 316 seccomp 317 memfd_create 319 kexec_file_load 320 bpf 321 execveat 322 userfaultfd 323 ' +
  'pidfd_send_signal 424 io_uring_setup 425 io_uring_enter 426 io_uring_register 427 open_tree 428 move_mount 429 fsopen 430 fsconfig 431 ' +
  'fsmount 432 pidfd_open 434 clone3 435 openat2 437 pidfd_getfd 438 mount_setattr 442 memfd_secret 447 fchmodat2 452'

const NUMBER_OF: ReadonlyMap<string, string> = new Map(
  [...NUMBERS.matchAll(/(\S+) ([0-9]+)/g)].map(([, name = '', number = '']) => [name, number]),
)

/** The number of a system call on x86-64, decimal; null for one that it does not have. */
export function callNumber(name: string): string | null {
  return NUMBER_OF.get(name) ?? null
}
