// Generated from schemas/calls.tsv by `npm run generate`. Do not edit: change the table.
// System calls: their numbers, names, records and arguments.

/** Number in records of each call with a symbol in Avro, on every machine: that of x86-64, if it has one. */
export const CALL_NUMBERS = {
  execve: 59,
  execveat: 322,
  open: 2,
  openat: 257,
  openat2: 437,
  creat: 85,
  clone: 56,
  clone3: 435,
  fork: 57,
  vfork: 58,
  exit: 60,
  exit_group: 231,
  open_by_handle_at: 304,
  close: 3,
  rename: 82,
  renameat: 264,
  renameat2: 316,
  link: 86,
  linkat: 265,
  symlink: 88,
  symlinkat: 266,
  unlink: 87,
  unlinkat: 263,
  mkdir: 83,
  mkdirat: 258,
  rmdir: 84,
  mknod: 133,
  mknodat: 259,
  chmod: 90,
  fchmod: 91,
  fchmodat: 268,
  fchmodat2: 452,
  chown: 92,
  lchown: 94,
  fchown: 93,
  fchownat: 260,
  socket: 41,
  socketpair: 53,
  bind: 49,
  listen: 50,
  connect: 42,
  accept: 43,
  accept4: 288,
  sendto: 44,
  sendmsg: 46,
  sendmmsg: 307,
  recvfrom: 45,
  recvmsg: 47,
  recvmmsg: 299,
  shutdown: 48,
  dup: 32,
  dup2: 33,
  dup3: 292,
  fcntl: 72,
  pipe: 22,
  pipe2: 293,
  mount: 165,
  umount2: 166,
  move_mount: 429,
  open_tree: 428,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  mount_setattr: 442,
  pivot_root: 155,
  chroot: 161,
  ptrace: 101,
  process_vm_readv: 310,
  process_vm_writev: 311,
  setuid: 105,
  setgid: 106,
  setreuid: 113,
  setregid: 114,
  setresuid: 117,
  setresgid: 119,
  setfsuid: 122,
  setfsgid: 123,
  setgroups: 116,
  setsid: 112,
  setpgid: 109,
  capset: 126,
  setns: 308,
  unshare: 272,
  bpf: 321,
  perf_event_open: 298,
  init_module: 175,
  finit_module: 313,
  delete_module: 176,
  kexec_load: 246,
  kexec_file_load: 320,
  memfd_create: 319,
  memfd_secret: 447,
  userfaultfd: 323,
  kill: 62,
  tkill: 200,
  tgkill: 234,
  rt_sigqueueinfo: 129,
  rt_tgsigqueueinfo: 297,
  pidfd_send_signal: 424,
  pidfd_open: 434,
  pidfd_getfd: 438,
  add_key: 248,
  request_key: 249,
  keyctl: 250,
  prctl: 157,
  seccomp: 317,
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  personality: 135,
  syslog: 103,
  sysinfo: 99,
  iopl: 172,
  ioperm: 173,
  reboot: 169,
  swapon: 167,
  swapoff: 168,
  sethostname: 170,
  setdomainname: 171,
  settimeofday: 164,
  clock_settime: 227,
  adjtimex: 159,
  clock_adjtime: 305,
  acct: 163,
  quotactl: 179,
  read: 0,
  write: 1,
  readv: 19,
  writev: 20,
  shmget: 29,
  shmat: 30,
  shmctl: 31,
  semget: 64,
  semctl: 66,
  msgget: 68,
  msgctl: 71,
  mq_open: 240,
  mq_unlink: 241,
  truncate: 76,
  ftruncate: 77,
  setxattr: 188,
  lsetxattr: 189,
  fsetxattr: 190,
  removexattr: 197,
  lremovexattr: 198,
  fremovexattr: 199,
  setxattrat: 463,
  removexattrat: 466,
  utime: 132,
  utimes: 235,
  futimesat: 261,
  utimensat: 280,
  fspick: 433,
  open_tree_attr: 467,
  ioctl: 16,
  file_setattr: 469,
  umount: 509,
  stime: 508,
} as const

/** Event types by topic and type of record: what was done, and the calls (or other events) that do it. */
export const RECORD_KINDS: Readonly<Record<'process' | 'file' | 'network' | 'kernel', Readonly<Record<string, readonly string[]>>>> = {
  process: {
    exec: ['execve', 'execveat'],
    fork: ['clone', 'clone3', 'fork', 'vfork'],
    exit: ['procexit'],
  },
  file: {
    open: ['open', 'openat', 'openat2', 'creat', 'open_by_handle_at'],
    rename: ['rename', 'renameat', 'renameat2'],
    unlink: ['unlink', 'unlinkat'],
    link: ['link', 'linkat'],
    symlink: ['symlink', 'symlinkat'],
    chmod: ['chmod', 'fchmod', 'fchmodat', 'fchmodat2'],
    chown: ['chown', 'lchown', 'fchown', 'fchownat'],
    mkdir: ['mkdir', 'mkdirat'],
    rmdir: ['rmdir'],
    truncate: ['truncate', 'ftruncate'],
    xattr: [
      'setxattr',
      'lsetxattr',
      'fsetxattr',
      'removexattr',
      'lremovexattr',
      'fremovexattr',
      'setxattrat',
      'removexattrat',
    ],
    times: ['utime', 'utimes', 'futimesat', 'utimensat'],
  },
  network: {
    socket: ['socket', 'socketpair'],
    bind: ['bind'],
    listen: ['listen'],
    connect: ['connect'],
    accept: ['accept', 'accept4'],
    send: ['sendto', 'sendmsg', 'sendmmsg'],
    receive: ['recvfrom', 'recvmsg', 'recvmmsg'],
    close: ['close', 'shutdown'],
    dns: ['dns'],
  },
  kernel: {
    mount: [
      'mount',
      'move_mount',
      'open_tree',
      'fsopen',
      'fsconfig',
      'fsmount',
      'mount_setattr',
      'fspick',
      'open_tree_attr',
    ],
    umount: ['umount2', 'umount'],
    chroot: ['chroot'],
    pivot_root: ['pivot_root'],
    ptrace: ['ptrace'],
    process_vm: ['process_vm_readv', 'process_vm_writev'],
    setuid: ['setuid', 'setreuid', 'setresuid', 'setfsuid'],
    setgid: ['setgid', 'setregid', 'setresgid', 'setfsgid', 'setgroups'],
    capset: ['capset'],
    setns: ['setns'],
    unshare: ['unshare'],
    bpf: ['bpf'],
    perf_event: ['perf_event_open'],
    module_load: ['init_module', 'finit_module'],
    module_unload: ['delete_module'],
    kexec: ['kexec_load', 'kexec_file_load'],
    memfd: ['memfd_create', 'memfd_secret'],
    userfaultfd: ['userfaultfd'],
    io_uring: ['io_uring_setup', 'io_uring_enter', 'io_uring_register', 'io_uring'],
    dup: ['dup', 'dup2', 'dup3', 'fcntl'],
    signal: [
      'kill',
      'tkill',
      'tgkill',
      'rt_sigqueueinfo',
      'rt_tgsigqueueinfo',
      'pidfd_send_signal',
      'signaldeliver',
    ],
    oom_kill: ['oom_kill'],
    keyctl: ['add_key', 'request_key', 'keyctl'],
    prctl: ['prctl'],
    seccomp: ['seccomp'],
    mknod: ['mknod', 'mknodat'],
    call: [
      'pipe',
      'pipe2',
      'setsid',
      'setpgid',
      'pidfd_open',
      'pidfd_getfd',
      'personality',
      'syslog',
      'sysinfo',
      'iopl',
      'ioperm',
      'reboot',
      'swapon',
      'swapoff',
      'sethostname',
      'setdomainname',
      'settimeofday',
      'clock_settime',
      'adjtimex',
      'clock_adjtime',
      'acct',
      'quotactl',
      'stime',
    ],
    ipc: ['shmget', 'shmat', 'shmctl', 'semget', 'semctl', 'msgget', 'msgctl', 'mq_open', 'mq_unlink'],
    ioctl: ['ioctl', 'file_setattr'],
    drop: ['drop'],
  },
}

/** Event types that records can have, but no probe makes. */
export const TYPES_WITHOUT_PROBE: readonly string[] = ['pipe', 'pipe2', 'io_uring_enter', 'signaldeliver']

/** Fields of a KernelEvent, with the reader of each and the argument that it reads. */
export const CALL_ARGUMENTS = {
  mknod: { mode: ['mode', 1], device: ['device', 2] },
  mknodat: { mode: ['mode', 2], device: ['device', 3] },
  dup: { fd: ['s32', 0], newFd: ['descriptor'] },
  dup2: { fd: ['s32', 0], newFd: ['descriptor'] },
  dup3: { fd: ['s32', 0], newFd: ['descriptor'], flags: ['u32', 2] },
  fcntl: { fd: ['s32', 0], newFd: ['descriptor'] },
  mount: { flags: ['u64', 3] },
  umount2: { flags: ['u32', 1] },
  move_mount: { flags: ['u32', 4] },
  open_tree: { flags: ['u32', 2], newFd: ['descriptor'] },
  fsopen: { flags: ['u32', 1], newFd: ['descriptor'] },
  fsconfig: { fd: ['s32', 0], request: ['u32', 1] },
  fsmount: { fd: ['s32', 0], flags: ['u32', 1], newFd: ['descriptor'] },
  mount_setattr: { flags: ['u32', 2], mountAttributes: ['number', 0] },
  ptrace: { request: ['u64', 0] },
  process_vm_readv: { size: ['result'], flags: ['u64', 5] },
  process_vm_writev: { size: ['result'], flags: ['u64', 5] },
  setuid: { uid: ['id', 0] },
  setgid: { gid: ['id', 0] },
  setreuid: { uid: ['id', 0], euid: ['id', 1] },
  setregid: { gid: ['id', 0], egid: ['id', 1] },
  setresuid: { uid: ['id', 0], euid: ['id', 1], suid: ['id', 2] },
  setresgid: { gid: ['id', 0], egid: ['id', 1], sgid: ['id', 2] },
  setfsuid: { fsuid: ['id', 0] },
  setfsgid: { fsgid: ['id', 0] },
  capset: { capEffective: ['number', 0], capPermitted: ['number', 1], capInheritable: ['number', 2] },
  setns: { fd: ['s32', 0], flags: ['u32', 1], namespaceTypes: ['entered'] },
  unshare: { flags: ['u64', 0], namespaceTypes: ['unshared'] },
  bpf: { request: ['u32', 0], newFd: ['bpf_descriptor'], programType: ['bpf_program'] },
  perf_event_open: { flags: ['u64', 4], newFd: ['descriptor'] },
  init_module: { size: ['u64', 1] },
  finit_module: { fd: ['s32', 0], flags: ['u32', 2] },
  delete_module: { flags: ['u32', 1] },
  kexec_load: { flags: ['u64', 3] },
  kexec_file_load: { fd: ['s32', 0], flags: ['u64', 4] },
  memfd_create: { flags: ['u32', 1], newFd: ['descriptor'] },
  memfd_secret: { flags: ['u32', 0], newFd: ['descriptor'] },
  userfaultfd: { flags: ['u32', 0], newFd: ['descriptor'] },
  kill: { signal: ['s32', 1] },
  tkill: { signal: ['s32', 1] },
  tgkill: { signal: ['s32', 2] },
  rt_sigqueueinfo: { signal: ['s32', 1] },
  rt_tgsigqueueinfo: { signal: ['s32', 2] },
  pidfd_send_signal: { fd: ['s32', 0], signal: ['s32', 1], flags: ['u32', 3] },
  pidfd_open: { flags: ['u32', 1], newFd: ['descriptor'] },
  pidfd_getfd: { fd: ['s32', 0], newFd: ['descriptor'] },
  keyctl: { request: ['u32', 0] },
  prctl: { request: ['u32', 0] },
  seccomp: { request: ['u32', 0], flags: ['u32', 1] },
  io_uring_setup: { size: ['u32', 0], flags: ['number', 0], newFd: ['descriptor'] },
  io_uring_register: { fd: ['s32', 0], request: ['u32', 1] },
  syslog: { request: ['u32', 0] },
  shmget: { size: ['u64', 1], flags: ['u32', 2] },
  shmat: { flags: ['u32', 2] },
  shmctl: { request: ['u32', 1] },
  semget: { size: ['u32', 1], flags: ['u32', 2] },
  semctl: { request: ['u32', 2] },
  msgget: { flags: ['u32', 1] },
  msgctl: { request: ['u32', 1] },
  mq_open: { flags: ['u32', 1], mode: ['mode', 2], newFd: ['descriptor'] },
  fspick: { flags: ['u32', 2], newFd: ['descriptor'] },
  open_tree_attr: { flags: ['u32', 2], mountAttributes: ['number', 0], newFd: ['descriptor'] },
  ioctl: { fd: ['s32', 0], request: ['u32', 1], flags: ['ioctl_flags'] },
  file_setattr: { flags: ['number', 0] },
} as const

/** Names by ABI: runs of names from a first number on, - for a number that has none. */
export const CALL_NAMES: Readonly<Record<'x86_64' | 'i386' | 'arm64' | 'x32', readonly (readonly [first: number, names: string])[]>> = {
  x86_64: [
    [
      0,
      `read write open close stat fstat lstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn ioctl pread64
pwrite64 readv writev access pipe select sched_yield mremap msync mincore madvise shmget shmat shmctl dup dup2 pause nanosleep
getitimer alarm setitimer getpid sendfile socket connect accept sendto recvfrom sendmsg recvmsg shutdown bind listen getsockname
getpeername socketpair setsockopt getsockopt clone fork vfork execve exit wait4 kill uname semget semop semctl shmdt msgget msgsnd
msgrcv msgctl fcntl flock fsync fdatasync truncate ftruncate getdents getcwd chdir fchdir rename mkdir rmdir creat link unlink
symlink readlink chmod fchmod chown fchown lchown umask gettimeofday getrlimit getrusage sysinfo times ptrace getuid syslog getgid
setuid setgid geteuid getegid setpgid getppid getpgrp setsid setreuid setregid getgroups setgroups setresuid getresuid setresgid
getresgid getpgid setfsuid setfsgid getsid capget capset rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend sigaltstack
utime mknod uselib personality ustat statfs fstatfs sysfs getpriority setpriority sched_setparam sched_getparam sched_setscheduler
sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval mlock munlock mlockall munlockall vhangup
modify_ldt pivot_root _sysctl prctl arch_prctl adjtimex setrlimit chroot sync acct settimeofday mount umount2 swapon swapoff
reboot sethostname setdomainname iopl ioperm create_module init_module delete_module get_kernel_syms query_module quotactl
nfsservctl getpmsg putpmsg afs_syscall tuxcall security gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr
listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr tkill time futex sched_setaffinity sched_getaffinity
set_thread_area io_setup io_destroy io_getevents io_submit io_cancel get_thread_area lookup_dcookie epoll_create epoll_ctl_old
epoll_wait_old remap_file_pages getdents64 set_tid_address restart_syscall semtimedop fadvise64 timer_create timer_settime
timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep exit_group epoll_wait
epoll_ctl tgkill utimes vserver mbind set_mempolicy get_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify
mq_getsetattr kexec_load waitid add_key request_key keyctl ioprio_set ioprio_get inotify_init inotify_add_watch inotify_rm_watch
migrate_pages openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat linkat symlinkat readlinkat fchmodat
faccessat pselect6 ppoll unshare set_robust_list get_robust_list splice tee sync_file_range vmsplice move_pages utimensat
epoll_pwait signalfd timerfd_create eventfd fallocate timerfd_settime timerfd_gettime accept4 signalfd4 eventfd2 epoll_create1
dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open recvmmsg fanotify_init fanotify_mark prlimit64
name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns getcpu process_vm_readv process_vm_writev kcmp
finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create kexec_file_load bpf execveat userfaultfd
membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx io_pgetevents rseq uretprobe`,
    ],
    [
      424,
      `pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open
clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset
landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2
map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules
mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr`,
    ],
  ],
  i386: [
    [
      0,
      `restart_syscall exit fork read write open close waitpid creat link unlink execve chdir time mknod chmod lchown break oldstat lseek
getpid mount umount setuid getuid stime ptrace alarm oldfstat pause utime stty gtty access nice ftime sync kill rename mkdir rmdir
dup pipe times prof brk setgid getgid signal geteuid getegid acct umount2 lock ioctl fcntl mpx setpgid ulimit oldolduname umask
chroot ustat dup2 getppid getpgrp setsid sigaction sgetmask ssetmask setreuid setregid sigsuspend sigpending sethostname setrlimit
getrlimit getrusage gettimeofday settimeofday getgroups setgroups select symlink oldlstat readlink uselib swapon reboot readdir
mmap munmap truncate ftruncate fchmod fchown getpriority setpriority profil statfs fstatfs ioperm socketcall syslog setitimer
getitimer stat lstat fstat olduname iopl vhangup idle vm86old wait4 swapoff sysinfo ipc fsync sigreturn clone setdomainname uname
modify_ldt adjtimex mprotect sigprocmask create_module init_module delete_module get_kernel_syms quotactl getpgid fchdir bdflush
sysfs personality afs_syscall setfsuid setfsgid _llseek getdents _newselect flock msync readv writev getsid fdatasync _sysctl
mlock munlock mlockall munlockall sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_yield
sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap setresuid getresuid vm86 query_module poll
nfsservctl setresgid getresgid prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo
rt_sigsuspend pread64 pwrite64 chown getcwd capget capset sigaltstack sendfile getpmsg putpmsg vfork ugetrlimit mmap2 truncate64
ftruncate64 stat64 lstat64 fstat64 lchown32 getuid32 getgid32 geteuid32 getegid32 setreuid32 setregid32 getgroups32 setgroups32
fchown32 setresuid32 getresuid32 setresgid32 getresgid32 chown32 setuid32 setgid32 setfsuid32 setfsgid32 pivot_root mincore
madvise getdents64 fcntl64 - - gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr
flistxattr removexattr lremovexattr fremovexattr tkill sendfile64 futex sched_setaffinity sched_getaffinity set_thread_area
get_thread_area io_setup io_destroy io_getevents io_submit io_cancel fadvise64 - exit_group lookup_dcookie epoll_create epoll_ctl
epoll_wait remap_file_pages set_tid_address timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime
clock_gettime clock_getres clock_nanosleep statfs64 fstatfs64 tgkill utimes fadvise64_64 vserver mbind get_mempolicy set_mempolicy
mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr kexec_load waitid - add_key request_key keyctl ioprio_set
ioprio_get inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat fstatat64
unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare set_robust_list get_robust_list splice
sync_file_range tee vmsplice move_pages getcpu epoll_pwait utimensat signalfd timerfd_create eventfd fallocate timerfd_settime
timerfd_gettime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open
recvmmsg fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns
process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf
execveat socket socketpair bind connect listen accept4 getsockopt setsockopt getsockname getpeername sendto sendmsg recvfrom
recvmsg shutdown userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx
arch_prctl io_pgetevents rseq - - - - - - semget semctl shmget shmctl shmat shmdt msgget msgsnd msgrcv msgctl clock_gettime64
clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 timerfd_gettime64
timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64 - io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64
mq_timedreceive_time64 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal
io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range
openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule
landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack
futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat
getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr`,
    ],
  ],
  arm64: [
    [
      0,
      `io_setup io_destroy io_submit io_cancel io_getevents setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr
llistxattr flistxattr removexattr lremovexattr fremovexattr getcwd lookup_dcookie eventfd2 epoll_create1 epoll_ctl epoll_pwait dup
dup3 fcntl inotify_init1 inotify_add_watch inotify_rm_watch ioctl ioprio_set ioprio_get flock mknodat mkdirat unlinkat symlinkat
linkat renameat umount2 mount pivot_root nfsservctl statfs fstatfs truncate ftruncate fallocate faccessat chdir fchdir chroot
fchmod fchmodat fchownat fchown openat close vhangup pipe2 quotactl getdents64 lseek read write readv writev pread64 pwrite64
preadv pwritev sendfile pselect6 ppoll signalfd4 vmsplice splice tee readlinkat newfstatat fstat sync fsync fdatasync
sync_file_range timerfd_create timerfd_settime timerfd_gettime utimensat acct capget capset personality exit exit_group waitid
set_tid_address unshare futex set_robust_list get_robust_list nanosleep getitimer setitimer kexec_load init_module delete_module
timer_create timer_gettime timer_getoverrun timer_settime timer_delete clock_settime clock_gettime clock_getres clock_nanosleep
syslog ptrace sched_setparam sched_setscheduler sched_getscheduler sched_getparam sched_setaffinity sched_getaffinity sched_yield
sched_get_priority_max sched_get_priority_min sched_rr_get_interval restart_syscall kill tkill tgkill sigaltstack rt_sigsuspend
rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigreturn setpriority getpriority reboot setregid
setgid setreuid setuid setresuid getresuid setresgid getresgid setfsuid setfsgid times setpgid getpgid getsid setsid getgroups
setgroups uname sethostname setdomainname getrlimit setrlimit getrusage umask prctl getcpu gettimeofday settimeofday adjtimex
getpid getppid getuid geteuid getgid getegid gettid sysinfo mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
msgget msgctl msgrcv msgsnd semget semctl semtimedop semop shmget shmctl shmat shmdt socket socketpair bind listen accept connect
getsockname getpeername sendto recvfrom setsockopt getsockopt shutdown sendmsg recvmsg readahead brk munmap mremap add_key
request_key keyctl clone execve mmap fadvise64 swapon swapoff mprotect msync mlock munlock mlockall munlockall mincore madvise
remap_file_pages mbind get_mempolicy set_mempolicy migrate_pages move_pages rt_tgsigqueueinfo perf_event_open accept4 recvmmsg`,
    ],
    [
      260,
      `wait4 prlimit64 fanotify_init fanotify_mark name_to_handle_at open_by_handle_at clock_adjtime syncfs setns sendmmsg
process_vm_readv process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf
execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx io_pgetevents
rseq kexec_file_load`,
    ],
    [
      424,
      `pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open
clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset
landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2
map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules
mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr`,
    ],
  ],
  x32: [
    [
      512,
      `rt_sigaction rt_sigreturn ioctl readv writev recvfrom sendmsg recvmsg execve ptrace rt_sigpending rt_sigtimedwait rt_sigqueueinfo
sigaltstack timer_create mq_notify kexec_load waitid set_robust_list get_robust_list vmsplice move_pages preadv pwritev
rt_tgsigqueueinfo recvmmsg sendmmsg process_vm_readv process_vm_writev setsockopt getsockopt io_setup io_submit execveat preadv2
pwritev2`,
    ],
  ],
}
