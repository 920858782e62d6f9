// Generated from schemas/*.avsc by `npm run generate`. Do not edit: change the schema.
// The records of the topics as TypeScript sees them.

/** Symbols of {@link CallRoute}; the index of a symbol is its number in Avro. */
export const CALL_ROUTE_SYMBOLS = ['UNKNOWN', 'native', 'compat32', 'x32', 'io_uring', 'fast_open'] as const
/**
 * How a system call came into the kernel. native: by the ABI of the machine; compat32: by the 32-bit ABI (i386); x32: by the x32 ABI;
 * io_uring: an operation of io_uring did what the call does; fast_open: a send made the connection (TCP Fast Open). UNKNOWN: no call made
 * the event.
 */
export type CallRoute = (typeof CALL_ROUTE_SYMBOLS)[number]

/** One mount of a container. */
export interface ContainerMount {
  /** Path on the host, or name of the volume. Source: runtime. */
  readonly source: string
  /** Path in the container. Source: runtime. */
  readonly destination: string
  /** bind, volume, tmpfs ... Source: runtime. */
  readonly type: string
  /** Writable from the container. Source: runtime. */
  readonly isWritable: boolean
  /** Mount propagation; empty when the runtime does not say. Source: runtime. */
  readonly propagation: string
}

/** Kubernetes pod of a container. */
export interface Pod {
  /** Name of the pod. Source: label io.kubernetes.pod.name. */
  readonly name: string
  /** Namespace of the pod. Source: label io.kubernetes.pod.namespace. */
  readonly namespace: string
  /** Uid of the pod; null when not known. Source: label io.kubernetes.pod.uid. */
  readonly uid: string | null
  /** Name of the container in the pod; null when not known. Source: label io.kubernetes.container.name. */
  readonly containerName: string | null
}

/** What a runtime knows of a container, as at its creation; does not change for a given (host, boot, container). */
export interface ContainerFacts {
  /** Name of the container. Source: runtime. */
  readonly name: string
  /** Image as requested, with tag or digest. Source: runtime. */
  readonly image: string
  /** Image without tag and digest; null when image is a bare id. Source: image. */
  readonly imageRepository: string | null
  /** Tag of the image; null for none. Source: image. */
  readonly imageTag: string | null
  /** Id of the image configuration (sha256:...); null when not known. Source: runtime. */
  readonly imageId: string | null
  /** Digest of the image in its registry (sha256:...); null for an image that came from none. Source: runtime. */
  readonly imageDigest: string | null
  /** Labels of the container. Source: runtime. */
  readonly labels: Readonly<Record<string, string>>
  /** Started with all privileges. Source: runtime. */
  readonly isPrivileged: boolean
  /** Mounts of the container. Source: runtime. */
  readonly mounts: readonly ContainerMount[]
  /** Creation; Unix time, microseconds. Source: runtime. */
  readonly createdAtUs: number
  /** Pod that the container belongs to; null outside Kubernetes. Source: labels. */
  readonly pod: Pod | null
}

/** Symbols of {@link DescriptorType}; the index of a symbol is its number in Avro. */
export const DESCRIPTOR_TYPE_SYMBOLS = [
  'UNKNOWN',
  'file',
  'directory',
  'character_device',
  'block_device',
  'pipe',
  'ipv4',
  'ipv6',
  'unix',
  'netlink',
  'packet',
  'socket',
  'memfd',
  'eventfd',
  'eventpoll',
  'inotify',
  'signalfd',
  'timerfd',
  'bpf',
  'io_uring',
  'userfaultfd',
  'pidfd',
  'namespace',
  'other',
] as const
/**
 * What a file descriptor leads to. file: a regular file; socket: a socket of another family than those named; other: an anonymous file that
 * has no symbol here.
 */
export type DescriptorType = (typeof DESCRIPTOR_TYPE_SYMBOLS)[number]

/** Where and when a record was made. (hostId, bootId, epoch, topic, cpu, seq) is the event id. */
export interface Origin {
  /** Identity of the host, created once and stored in the state folder of the collector. Source: collector. */
  readonly hostId: string
  /** Host name at the start of the collector. Source: uname(2) nodename. */
  readonly hostName: string
  /** Identity of this boot of the kernel. Source: /proc/sys/kernel/random/boot_id. */
  readonly bootId: string
  /** Creation of the sequence counters that seq belongs to; Unix time, microseconds. Source: collector. */
  readonly epoch: number
  /** CPU on which the kernel made the event; -1 for a record that the collector itself made. Source: bpf_get_smp_processor_id. */
  readonly cpu: number
  /**
   * Sequence number of the record within (epoch, topic, cpu), from 1, without gaps but for losses. Source: counted in the kernel before the
   * ring reservation.
   */
  readonly seq: number
  /** When it happened; microseconds since boot, suspends included. Source: bpf_ktime_get_boot_ns. */
  readonly bootTimeUs: number
  /**
   * When it happened; Unix time, microseconds. Source: bootTimeUs plus the offset of CLOCK_REALTIME to CLOCK_BOOTTIME, followed by the
   * collector.
   */
  readonly wallTimeUs: number
}

/** Where the file of a path lies, whatever root, bind mount or namespace the process reached it through. */
export interface PathPlace {
  /**
   * Path as the process sees it, where the path of the event is that of the same file on the host; null where it is the same. Source:
   * dentry walk up to the root of the process.
   */
  readonly seenPath: string | null
  /**
   * The root of the process is not that of the host: chroot, pivot_root, or another mount namespace; null when that of the host is not
   * known. Source: fs_struct.root.
   */
  readonly isForeignRoot: boolean | null
  /** The file lies outside of the root of the process, in a detached mount, or was deleted. Source: dentry walk. */
  readonly isUnreachable: boolean
  /** Mount that it was reached through, as /proc/PID/mountinfo numbers it. Source: mount.mnt_id. */
  readonly mountId: number
  /** Mount namespace of the root of the process, as Namespaces.mount; null when it belongs to none. Source: mnt_namespace.ns. */
  readonly mountNamespace: number | null
  /** Device number of the file system, kernel encoding. Source: super_block.s_dev. */
  readonly device: number
  /**
   * Path from the top of the file system, across no mount; null when it is the path that the process sees, or not known. Source: dentry
   * walk up to the top of the file system.
   */
  readonly fileSystemPath: string | null
  /** Inode number, decimal, of the file below one on overlayfs; null for others, and when not captured. Source: ovl_inode. */
  readonly realInode: string | null
  /** Device number of the file system of realInode, kernel encoding; null as realInode. Source: super_block.s_dev. */
  readonly realDevice: number | null
}

/** Symbols of {@link PathSource}; the index of a symbol is its number in Avro. */
export const PATH_SOURCE_SYMBOLS = ['UNKNOWN', 'kernel', 'argument'] as const
/**
 * How a path, or another value of an event, was learned. kernel: from the kernel's own memory or the registers of the call; argument: from
 * the memory of the process, where another thread may have changed it after the call.
 */
export type PathSource = (typeof PATH_SOURCE_SYMBOLS)[number]

/** One ancestor of a process, as it was when its child was made or executed. */
export interface Ancestor {
  /** Process id in the host namespace. Source: task_struct.tgid. */
  readonly pid: number
  /** Start of the process; microseconds since boot. Source: task_struct.start_boottime of the group leader. */
  readonly startBootUs: number
  /** Command name, at most 15 bytes. Source: task_struct.comm. */
  readonly name: string
  /** First argument (argv[0]); empty when not known. Source: mm.arg_start. */
  readonly exe: string
  /** Path of the executable file; null when not known. Source: dentry walk of mm.exe_file. */
  readonly exePath: string | null
  /**
   * What is known of the executable, as Process.exeFlags; 0 when nothing is. Source: inode, mount and environment of mm.exe_file at exec.
   */
  readonly exeFlags: number
  /** What it runs where that is not exePath, as Process.program. Source: linux_binprm. */
  readonly program: string | null
}

/** What one descriptor of a process leads to. */
export interface Descriptor {
  /** What it is. Source: file.f_op, inode.i_mode. */
  readonly type: DescriptorType
  /**
   * Path of a file as seen from the root of the process; pipe:[inode]; local address:port->remote address:port of a connected socket, local
   * address:port of another; path of a unix socket, the peer's where it has one; name of a memory file; null when it has none. Source:
   * dentry walk of the file, or struct sock.
   */
  readonly name: string | null
}

/** Namespaces of a process, each by its inode number, as /proc/PID/ns shows it. */
export interface Namespaces {
  /** Mount namespace. Source: nsproxy.mnt_ns. */
  readonly mount: number
  /** Pid namespace. Source: struct pid of the process. */
  readonly pid: number
  /** Network namespace. Source: nsproxy.net_ns. */
  readonly network: number
  /** User namespace. Source: cred.user_ns. */
  readonly user: number
  /** UTS (host name) namespace. Source: nsproxy.uts_ns. */
  readonly uts: number
  /** IPC namespace. Source: nsproxy.ipc_ns. */
  readonly ipc: number
  /** Cgroup namespace. Source: nsproxy.cgroup_ns. */
  readonly cgroup: number
  /** Start of the first process of the pid namespace; microseconds since boot; null when not known. Source: pid_namespace.child_reaper. */
  readonly pidStartBootUs: number | null
}

/** Symbols of {@link ContainerEntry}; the index of a symbol is its number in Avro. */
export const CONTAINER_ENTRY_SYMBOLS = ['UNKNOWN', 'own', 'exec'] as const
/**
 * How a process came into its container. own: the first process of the container, the processes that set it up, and all their descendants;
 * exec: it entered the container while that ran already (docker exec, kubectl exec, probes of the kubelet), or descends from such a
 * process; UNKNOWN: no record told how it came to be.
 */
export type ContainerEntry = (typeof CONTAINER_ENTRY_SYMBOLS)[number]

/**
 * A process as it was at the event: what it runs, its credentials and its ancestors. Encoded once per change and spliced into every event
 * of the process.
 */
export interface Process {
  /** Command name, at most 15 bytes. Source: task_struct.comm of the group leader. */
  readonly name: string
  /**
   * Whole id of the innermost container that a runtime confirmed; null on the host, or while none is confirmed. Source: cgroup path and the
   * container runtime.
   */
  readonly containerId: string | null
  /** Whole container id that the cgroup path claims, confirmed or not; null when the path names none. Source: cgroup path. */
  readonly containerClaim: string | null
  /**
   * The cgroup of the process is not known, so neither is its container: it may be on the host or in any container. containerId and
   * containerClaim are null then. Source: collector.
   */
  readonly isContainerUnknown: boolean
  /**
   * User who could choose the name that containerClaim comes from, in the initial user namespace: who created the cgroup, or owns the
   * folder that it was found in. 0 for root; null without a claim, or when it is not known. Source: cgroup_mkdir, or the cgroup file
   * system.
   */
  readonly claimUid: number | null
  /** Path of the executable file, as seen from the root of the process; null for kernel threads. Source: dentry walk of mm.exe_file. */
  readonly exePath: string | null
  /** Arguments, the first included; empty for kernel threads. Source: mm.arg_start .. arg_end. */
  readonly args: readonly string[]
  /** Ancestors, parent first, up to a bound set in the collector. Source: process table. */
  readonly ancestors: readonly Ancestor[]
  /** Arguments of the parent, the first included, up to a bound set in the collector. Source: process table. */
  readonly parentArgs: readonly string[]
  /** Process id (thread group id) in the host namespace. Source: task_struct.tgid. */
  readonly pid: number
  /**
   * Start of the process; microseconds since boot. (hostId, bootId, pid, startBootUs) is the process id. Source: task_struct.start_boottime
   * of the group leader.
   */
  readonly startBootUs: number
  /** Number of successful execs of this process that were seen since its start. Source: process table. */
  readonly execCount: number
  /** Process id of the parent in the host namespace; 0 for none. Source: task_struct.real_parent.tgid. */
  readonly parentPid: number
  /** Real user id in the initial user namespace. Source: cred.uid. */
  readonly uid: number
  /** Real group id in the initial user namespace. Source: cred.gid. */
  readonly gid: number
  /** Effective user id. Source: cred.euid. */
  readonly euid: number
  /** Effective group id. Source: cred.egid. */
  readonly egid: number
  /** Audit login user id; null when unset. Source: task_struct.loginuid. */
  readonly loginUid: number | null
  /** Name of uid in the passwd file of the host; null when it has none. Source: /etc/passwd of the host. */
  readonly user: string | null
  /** Name of gid in the group file of the host; null when it has none. Source: /etc/group of the host. */
  readonly group: string | null
  /** Name of loginUid; null when unset or unnamed. Source: /etc/passwd of the host. */
  readonly loginUser: string | null
  /** Device number of the controlling terminal (major << 8 | minor); null for none. Source: signal_struct.tty. */
  readonly tty: number | null
  /** Session id in the host namespace. Source: PIDTYPE_SID. */
  readonly sessionId: number
  /** Process group id in the host namespace. Source: PIDTYPE_PGID. */
  readonly processGroupId: number
  /** Process id as its innermost pid namespace sees it. Source: struct pid.numbers. */
  readonly namespacePid: number
  /** Process group id as the pid namespace of the process sees it. Source: struct pid.numbers. */
  readonly namespaceProcessGroupId: number
  /**
   * Process id of the parent as the pid namespace of the process sees it, 0 for a parent outside of it; null when not known. Source: struct
   * pid.numbers.
   */
  readonly parentNamespacePid: number | null
  /** Working directory at the last exec or fork; null when not known. Source: dentry walk of fs.pwd. */
  readonly cwd: string | null
  /** Effective capabilities, bit n for capability n. Source: cred.cap_effective. */
  readonly capEffective: number
  /** Permitted capabilities, bit n for capability n. Source: cred.cap_permitted. */
  readonly capPermitted: number
  /** Inheritable capabilities, bit n for capability n. Source: cred.cap_inheritable. */
  readonly capInheritable: number
  /** The executable lies in the upper layer of an overlay mount: it was not in the image. Source: overlayfs inode of mm.exe_file. */
  readonly isExeUpperLayer: boolean
  /**
   * The executable is a memory file without a name in any folder (memfd_create). Source: inode link count and dentry name of mm.exe_file.
   */
  readonly isExeMemfd: boolean
  /**
   * The user of the process may write to the executable, by mode, owner and the capability to override them; null when not known, also when
   * it depends on a supplementary group. Source: mode and owner of the inode of mm.exe_file.
   */
  readonly isExeWritable: boolean | null
  /**
   * The executable lies in the lower layer of an overlay mount only: it came with the image; null when not known. Source: overlayfs inode
   * of mm.exe_file.
   */
  readonly isExeLowerLayer: boolean | null
  /** Inode number of the executable, decimal; null when not known. Source: inode.i_ino. */
  readonly exeInode: string | null
  /** Device number of the file system of the executable, kernel encoding; null when not known. Source: super_block.s_dev. */
  readonly exeDevice: number | null
  /** Last change of the inode of the executable; Unix time, microseconds; null when not known. Source: inode.i_ctime. */
  readonly exeCtimeUs: number | null
  /** Last modification of the executable; Unix time, microseconds; null when not known. Source: inode.i_mtime. */
  readonly exeMtimeUs: number | null
  /**
   * Id of the cgroup in the default hierarchy (v2), or of a v1 controller where the process is in the root of v2; decimal, 64 bits. Source:
   * kernfs_node.id.
   */
  readonly cgroupId: string
  /** Path of that cgroup below the root of its hierarchy; null when not known. Source: cgroup_mkdir and the cgroup file system. */
  readonly cgroupPath: string | null
  /** args is shorter than what the process was given. Source: compared with argsBytes. */
  readonly argsTruncated: boolean
  /** Length of all arguments with their terminators, in bytes, before truncation. Source: mm.arg_end - arg_start. */
  readonly argsBytes: number
  /** Secrets in args that the collector replaced with [redacted], or with [redacted:HASH] where the fleet has a key. Source: collector. */
  readonly argsRedacted: number
  /** The same in the arguments of the parent, of which parentArgs may be a part. Source: collector. */
  readonly parentArgsRedacted: number
  /** The same in env. Source: collector. */
  readonly envRedacted: number
  /**
   * Environment as NAME=value when the program began, only the names that the collector is set to take (collector.environment.names), up to
   * its bound; the value of a secret that was not named itself is ***. null when it takes none, and for what ran before the collector.
   * Source: mm.env_start .. env_end at exec.
   */
  readonly env: readonly string[] | null
  /**
   * Leader of the session, as it was at the last exec or fork of this process; null when the process or one of its ancestors is it (the one
   * whose pid is sessionId), or when it has ended or is not known. Source: process table.
   */
  readonly sessionLeader: Ancestor | null
  /**
   * Leader of the process group, as it was at the last exec or fork of this process; null when the process or one of its ancestors is it
   * (the one whose pid is processGroupId), or when it has ended or is not known. Source: process table.
   */
  readonly processGroupLeader: Ancestor | null
  /**
   * Descriptor 0 when the process began its last program or last copied a descriptor onto one of the three, or for one that ran already,
   * when the collector started; null when it was closed or not read. Source: files_struct.
   */
  readonly stdin: Descriptor | null
  /**
   * Descriptor 1 when the process began its last program or last copied a descriptor onto one of the three, or for one that ran already,
   * when the collector started; null when it was closed or not read. Source: files_struct.
   */
  readonly stdout: Descriptor | null
  /**
   * Descriptor 2 when the process began its last program or last copied a descriptor onto one of the three, or for one that ran already,
   * when the collector started; null when it was closed or not read. Source: files_struct.
   */
  readonly stderr: Descriptor | null
  /**
   * Namespaces at the last exec or fork (kernel events setns and unshare report changes in between); null when not read. Source: nsproxy.
   */
  readonly namespaces: Namespaces | null
  /**
   * SHA-256 of the executable, 64 hex digits; null until it was computed, or when the collector is not set to. Source: collector, by
   * device, inode and ctime of the file.
   */
  readonly exeSha256: string | null
  /**
   * How it came into the container of containerId, or while that is null, of containerClaim; null on the host. Of processes that ran before
   * the collector, one whose session ended counts as own. Source: process table.
   */
  readonly containerEntry: ContainerEntry | null
  /**
   * Unit of systemd that it runs in (sshd.service, session-3.scope), escaped as systemctl shows it; null in containers and where the cgroup
   * path names none. Source: cgroup path.
   */
  readonly systemdUnit: string | null
  /** Unit of the user's own systemd, where systemdUnit is user@UID.service; a name that this user can choose. Source: cgroup path. */
  readonly systemdUserUnit: string | null
  /**
   * A variable of env was cut at its bound, or more were requested than a record holds; null when env is. Source: mm.env_start .. env_end
   * at exec.
   */
  readonly envTruncated: boolean | null
  /**
   * Facts about the executable at the time of the exec: 1 in the upper layer of an overlay, 2 a memory file, 4 on a local file system that
   * the host's root mounted, 8 known (0 means that nothing is), 16 in the lower layer of an overlay only, 32 owned by the host's root, 64
   * its group or others may write it, 128 mounted read-only, 256 in no folder, 512 itself mounted over its name, 1024 its mount is not one
   * of the process, 2048 the root folder of the process is the host's, 4096 the process is in the host's mount namespace, 8192 in a mount
   * namespace that the host's root made, 16384 the interpreter of a script, 32768 the environment loads other code into it or may, 65536 a
   * copy of a container runtime that started it, 131072 in a lower layer of an overlay that is mounted on the host, too, 262144 on a file
   * system in memory (tmpfs) but no memory file, 524288 BASH_ENV or ENV names a file that a shell runs first, 1048576 of the variables that
   * load other code it has only LD_LIBRARY_PATH as containerd sets it (then without 32768 if containerd or a process below it set it). Bits
   * of enum exe_flags in bpf/record/event.h. Source: inode, mount and environment of mm.exe_file at exec; /proc/1/mountinfo.
   */
  readonly exeFlags: number
  /** Owner of the executable, in the initial user namespace; null when not known. Source: inode.i_uid. */
  readonly exeUid: number | null
  /** Type and permissions of the executable, as stat(2) has them; null when not known. Source: inode.i_mode. */
  readonly exeMode: number | null
  /**
   * What it runs where that is not exePath: the script that was given to execve, as given, or the file that a trusted program copied itself
   * from; null for all others, and for what ran before the collector. Source: linux_binprm.filename, process table.
   */
  readonly program: string | null
  /** Where the file of exePath lies, as FileEvent.place. Source: dentry walk at exec. */
  readonly exePlace: PathPlace | null
  /** The same of cwd. Source: as exePlace. */
  readonly cwdPlace: PathPlace | null
  /**
   * When it began its last program, standard input and output were pipes, and for each of them another process that has it as a stream, or
   * the process that made it, had an internet connection: nc | sh | nc. null when one of the two was no pipe, or not known. Source:
   * files_struct at exec; history of connections.
   */
  readonly stdioNetwork: boolean | null
}

/** Symbols of {@link Syscall}; the index of a symbol is its number in Avro. */
export const SYSCALL_SYMBOLS = [
  'UNKNOWN',
  'execve',
  'execveat',
  'open',
  'openat',
  'openat2',
  'creat',
  'clone',
  'clone3',
  'fork',
  'vfork',
  'exit',
  'exit_group',
  'open_by_handle_at',
  'close',
  'rename',
  'renameat',
  'renameat2',
  'link',
  'linkat',
  'symlink',
  'symlinkat',
  'unlink',
  'unlinkat',
  'mkdir',
  'mkdirat',
  'rmdir',
  'mknod',
  'mknodat',
  'chmod',
  'fchmod',
  'fchmodat',
  'fchmodat2',
  'chown',
  'lchown',
  'fchown',
  'fchownat',
  'socket',
  'socketpair',
  'bind',
  'listen',
  'connect',
  'accept',
  'accept4',
  'sendto',
  'sendmsg',
  'sendmmsg',
  'recvfrom',
  'recvmsg',
  'recvmmsg',
  'shutdown',
  'dup',
  'dup2',
  'dup3',
  'fcntl',
  'pipe',
  'pipe2',
  'mount',
  'umount2',
  'move_mount',
  'open_tree',
  'fsopen',
  'fsconfig',
  'fsmount',
  'mount_setattr',
  'pivot_root',
  'chroot',
  'ptrace',
  'process_vm_readv',
  'process_vm_writev',
  'setuid',
  'setgid',
  'setreuid',
  'setregid',
  'setresuid',
  'setresgid',
  'setfsuid',
  'setfsgid',
  'setgroups',
  'setsid',
  'setpgid',
  'capset',
  'setns',
  'unshare',
  'bpf',
  'perf_event_open',
  'init_module',
  'finit_module',
  'delete_module',
  'kexec_load',
  'kexec_file_load',
  'memfd_create',
  'memfd_secret',
  'userfaultfd',
  'kill',
  'tkill',
  'tgkill',
  'rt_sigqueueinfo',
  'rt_tgsigqueueinfo',
  'pidfd_send_signal',
  'pidfd_open',
  'pidfd_getfd',
  'add_key',
  'request_key',
  'keyctl',
  'prctl',
  'seccomp',
  'io_uring_setup',
  'io_uring_enter',
  'io_uring_register',
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
  'read',
  'write',
  'readv',
  'writev',
  'shmget',
  'shmat',
  'shmctl',
  'semget',
  'semctl',
  'msgget',
  'msgctl',
  'mq_open',
  'mq_unlink',
  'truncate',
  'ftruncate',
  'setxattr',
  'lsetxattr',
  'fsetxattr',
  'removexattr',
  'lremovexattr',
  'fremovexattr',
  'setxattrat',
  'removexattrat',
  'utime',
  'utimes',
  'futimesat',
  'utimensat',
  'fspick',
  'open_tree_attr',
  'ioctl',
  'file_setattr',
  'umount',
  'stime',
] as const
/** System call of an event, by its name in the kernel; UNKNOWN when the event came from none. Source: pt_regs.orig_ax. */
export type Syscall = (typeof SYSCALL_SYMBOLS)[number]

/** Symbols of {@link Priority}; the index of a symbol is its number in Avro. */
export const PRIORITY_SYMBOLS = [
  'UNKNOWN',
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'debug',
] as const
/** Priority of a rule, the names of syslog. */
export type Priority = (typeof PRIORITY_SYMBOLS)[number]

/** Symbols of {@link RuleLanguage}; the index of a symbol is its number in Avro. */
export const RULE_LANGUAGE_SYMBOLS = ['UNKNOWN', 'falco', 'sigma'] as const
/** Language of a rule. */
export type RuleLanguage = (typeof RULE_LANGUAGE_SYMBOLS)[number]

/** Symbols of {@link FactsState}; the index of a symbol is its number in Avro. */
export const FACTS_STATE_SYMBOLS = ['UNKNOWN', 'complete', 'absent', 'claimed'] as const
/** Whether a verdict rests on all facts. */
export type FactsState = (typeof FACTS_STATE_SYMBOLS)[number]

/** Connection of an event. */
export interface NetworkSummary {
  /** Local address; null when there is none. Source: event. */
  readonly localAddress: string | null
  /** Local port; null when there is none. Source: event. */
  readonly localPort: number | null
  /** Remote address; null when there is none. Source: event. */
  readonly remoteAddress: string | null
  /** Remote port; null when there is none. Source: event. */
  readonly remotePort: number | null
  /** Path of a unix socket; null for other families. Source: event. */
  readonly unixPath: string | null
  /** Address family (AF_*); null when not known. Source: event. */
  readonly family: number | null
  /** Protocol (IPPROTO_*); null when not known. Source: event. */
  readonly protocol: number | null
  /** The process is the server side; null when not known. Source: event. */
  readonly isServer: boolean | null
  /** Name of the remote address, or the name that was asked for; null when none is known. Source: remoteName or dns of the event. */
  readonly domain: string | null
}

/** What a kernel event acted on. */
export interface KernelSummary {
  /** Process acted upon; null for none. Source: event. */
  readonly targetPid: number | null
  /** Command name of that process; null for none. Source: event. */
  readonly targetName: string | null
  /** Number of the request (ptrace, bpf, prctl, keyctl ...); null for other types. Source: event. */
  readonly request: number | null
  /** Flags of the call; null for a call without. Source: event. */
  readonly flags: number | null
  /** What was mounted; null for other types. Source: event. */
  readonly source: string | null
  /** File system type of a mount; null for other types. Source: event. */
  readonly fsType: string | null
  /** Name of the memfd, module, program or key; null for none. Source: event. */
  readonly name: string | null
  /** Signal sent; null for other types. Source: event. */
  readonly signal: number | null
}

/** Symbols of {@link CorrelationType}; the index of a symbol is its number in Avro. */
export const CORRELATION_TYPE_SYMBOLS = [
  'UNKNOWN',
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_max',
  'value_min',
  'value_avg',
  'value_percentile',
  'value_median',
] as const
/** What a correlation searches for. */
export type CorrelationType = (typeof CORRELATION_TYPE_SYMBOLS)[number]

/** Several events that together made an alert. */
export interface CorrelationMatch {
  /** The kind of the correlation. Source: rule file. */
  readonly type: CorrelationType
  /** Rules whose matches were counted, as ruleId names them. Source: rule file. */
  readonly ruleIds: readonly string[]
  /** Value of each field that events were grouped by; empty for no grouping. Source: events. */
  readonly groupBy: Readonly<Record<string, string>>
  /** Begin of the window; Unix time, microseconds. Source: events. */
  readonly windowStartUs: number
  /** End of the window; Unix time, microseconds. Source: events. */
  readonly windowEndUs: number
  /**
   * What was compared with the condition: events, distinct values, rules seen, or the sum, average ... of the values. Source: correlate.
   */
  readonly count: number
  /**
   * Ids of the events, hostId/bootId/epoch/topic/cpu/seq, up to a bound, the first ones; of correlations that were counted, their alertId.
   * Source: events.
   */
  readonly eventIds: readonly string[]
  /** Number of the events in all, those beyond the bound too. Source: correlate. */
  readonly eventCount: number
}

/** A rule matched an event. The same event, rule and rule version give the same alert. Value of eunomia.alerts.v1. */
export interface Alert {
  /** Identity: hash of (event id, rule id, rule version), 32 hex digits. Source: detect. */
  readonly alertId: string
  /** Name of the rule. Source: rule file. */
  readonly rule: string
  /** Identity of the rule: the name of a Falco rule, the id of a Sigma rule. Source: rule file. */
  readonly ruleId: string
  /** Hash of the resolved rule, 16 hex digits. Source: rule engine. */
  readonly ruleVersion: string
  /** Hash of the rule set in load order, 16 hex digits. Source: rule engine. */
  readonly ruleSetHash: string
  /** Priority of the rule. Source: rule file. */
  readonly priority: Priority
  /** Language of the rule. Source: rule file. */
  readonly language: RuleLanguage
  /** Tags of the rule. Source: rule file. */
  readonly tags: readonly string[]
  /** Who wrote the rule; null when its file does not say. Source: rule file. */
  readonly author: string | null
  /** What the rule rests on: addresses of reports and articles. Source: rule file. */
  readonly references: readonly string[]
  /** Message: the output template of the rule, filled. Source: rule engine. */
  readonly output: string
  /** Fields of the output template and their values; null where the event lacks one. Source: rule engine. */
  readonly outputFields: Readonly<Record<string, string | number | boolean | null>>
  /**
   * complete: all facts that the verdict needs were known; absent: the deadline passed without the facts of the container, or without
   * knowing whether there is one; claimed: the same, and the id is only that of containerClaim, which no runtime confirmed. Source: detect.
   */
  readonly facts: FactsState
  /** Topic of the event. Source: topic. */
  readonly eventTopic: string
  /** Type of the event: the system call, or exit, snapshot ... Source: event. */
  readonly eventType: string
  /** Origin of the event: with eventTopic it is the event id. Of a correlation: of the event that completed it. Source: event. */
  readonly origin: Origin
  /** Process of the event. Source: event. */
  readonly process: Process
  /** File of the event: path of a file or kernel event; null when the event has none. Source: event. */
  readonly path: string | null
  /** Whole id of the container; null on the host. Source: event. */
  readonly containerId: string | null
  /** Facts of the container; null on the host, or when facts are absent. Source: membership. */
  readonly container: ContainerFacts | null
  /** Connection of a network event, or of the socket that a dup copied; null for other events. Source: event. */
  readonly network: NetworkSummary | null
  /** What a kernel event acted on; null for other events. Source: event. */
  readonly kernel: KernelSummary | null
  /** The events of a correlation; null for an alert of one event. Source: correlate. */
  readonly correlation: CorrelationMatch | null
}

/** Symbols of {@link GapReason}; the index of a symbol is its number in Avro. */
export const GAP_REASON_SYMBOLS = ['UNKNOWN', 'absent', 'expired', 'damaged'] as const
/**
 * Why there is no record. absent: the topic has none for readers of committed records (the mark of a transaction, an aborted record, or one
 * that compaction removed); expired: retention of the topic removed it before it was archived, or the policy of the archive removed it;
 * damaged: it can't be read, a dead letter names it.
 */
export type GapReason = (typeof GAP_REASON_SYMBOLS)[number]

/** Offsets without a record. */
export interface OffsetGap {
  /** The first of them. Source: topic. */
  readonly firstOffset: number
  /** The offset after the last. Source: topic. */
  readonly nextOffset: number
  /** Why. Source: function archive. */
  readonly reason: GapReason
}

/**
 * An object of the archive: which records of a partition it holds. An object without an entry is not part of the archive. Value of
 * eunomia.archive.v1, whose key is the name of the object; a tombstone removes the entry.
 */
export interface ArchiveEntry {
  /** Name of the object in the folder or bucket of the archive. Source: function archive. */
  readonly object: string
  /** Name of the topic of its records. Source: topic. */
  readonly topic: string
  /** Partition of its records. Source: topic. */
  readonly partition: number
  /** First offset of its range. Source: topic. */
  readonly firstOffset: number
  /** Offset after its range. Offsets of the range that are not in the object are in gaps. Source: topic. */
  readonly nextOffset: number
  /** Number of its records. Source: function archive. */
  readonly records: number
  /** Length of the object, bytes. Source: function archive. */
  readonly bytes: number
  /** SHA-256 of the object, 64 hex digits. Source: function archive. */
  readonly sha256: string
  /** Earliest time of its records in the topic; Unix time, milliseconds. Source: topic. */
  readonly minTimestampMs: number
  /** Latest time of its records in the topic; Unix time, milliseconds. Source: topic. */
  readonly maxTimestampMs: number
  /** Earliest time of its events, as their hosts say; Unix time, microseconds; null when none could be read. Source: Origin.wallTimeUs. */
  readonly minTimeUs: number | null
  /** Latest time of its events, as their hosts say; Unix time, microseconds; null when none could be read. Source: Origin.wallTimeUs. */
  readonly maxTimeUs: number | null
  /** Keys of its records (ids of hosts), in order; null when there are more than an entry holds, or a record has none. Source: topic. */
  readonly keys: readonly string[] | null
  /** Types of its events, in order; null when a record could not be read. Source: type of the record. */
  readonly kinds: readonly string[] | null
  /** Offsets of the range that are not in the object, in order. Source: function archive. */
  readonly gaps: readonly OffsetGap[]
  /** When the object was written; Unix time, microseconds. Source: clock of the function. */
  readonly createdUs: number
  /** Version that wrote it: the same version writes the same bytes. Source: package.json. */
  readonly writer: string
}

/** Symbols of {@link AuditAction}; the index of a symbol is its number in Avro. */
export const AUDIT_ACTION_SYMBOLS = [
  'UNKNOWN',
  'filters',
  'tracker_start',
  'tracker_stop',
  'usage_settings',
  'watch_plan',
  'silence_add',
  'silence_end',
  'alert_acknowledge',
  'alert_close',
  'alert_reopen',
  'hunt_start',
  'hunt_pause',
  'hunt_resume',
  'hunt_cancel',
  'hunt_end',
  'hunt_save',
  'hunt_remove',
  'hold_add',
  'hold_end',
] as const
/**
 * What was changed: filters of events, a tracker that was started or stopped, settings of aggregates, the watch plan, a silence, the state
 * of an alert, a hunt, or a hold of the archive.
 */
export type AuditAction = (typeof AUDIT_ACTION_SYMBOLS)[number]

/**
 * A change of what a collector reports, or of what people have set: who made it, and the state before and after. Value of eunomia.audit.v1.
 */
export interface AuditEvent {
  /** What was changed. Source: collector, command. */
  readonly action: AuditAction
  /**
   * Name of the tracker, mode of the plan, id of the silence, alert or hunt, name of the saved hunt; empty for filters and settings.
   * Source: collector, command.
   */
  readonly target: string
  /**
   * Who changed it: control socket, pid PID, uid UID (of the process that connected; only the owner of the socket and root can), token from
   * ADDRESS (the control API over TCP) and then, if clients have certificates, certificate SUBJECT, settings, or plan; of a command, USER
   * at HOST. Source: SO_PEERCRED, TLS, collector, command.
   */
  readonly actor: string
  /** State before, as JSON. Source: collector, command. */
  readonly before: string
  /** State after, as JSON. Source: collector, command. */
  readonly after: string
  /** Why, as who changed it says; null when nobody was asked. Source: command. */
  readonly reason: string | null
  /** Where and when it was changed; cpu is -1. Of a command, hostId is 00000000-0000-0000-0000-000000000000. Source: collector, command. */
  readonly origin: Origin
}

/** Symbols of {@link ContainerEventType}; the index of a symbol is its number in Avro. */
export const CONTAINER_EVENT_TYPE_SYMBOLS = ['UNKNOWN', 'created', 'started', 'stopped', 'removed', 'facts'] as const
/** What is reported of the container. */
export type ContainerEventType = (typeof CONTAINER_EVENT_TYPE_SYMBOLS)[number]

/** Symbols of {@link ContainerRuntime}; the index of a symbol is its number in Avro. */
export const CONTAINER_RUNTIME_SYMBOLS = ['UNKNOWN', 'docker', 'containerd', 'crio', 'podman', 'nerdctl', 'lxc', 'systemd'] as const
/** Software that runs a container. */
export type ContainerRuntime = (typeof CONTAINER_RUNTIME_SYMBOLS)[number]

/** Life and facts of a container. Value of eunomia.container.v1. */
export interface ContainerEvent {
  /**
   * created: its cgroup was created, facts may follow; started, stopped, removed: reported by the runtime; facts: what is known of it.
   * Source: collector.
   */
  readonly type: ContainerEventType
  /** Whole id of the container. Source: runtime. */
  readonly containerId: string
  /** Runtime of the container. Source: cgroup path layout, runtime. */
  readonly runtime: ContainerRuntime
  /** Facts of the container; null until the runtime has reported them, or if it no longer can. Source: runtime. */
  readonly facts: ContainerFacts | null
  /** Id of the cgroup of the container, decimal; null when not known. Source: cgroup_mkdir. */
  readonly cgroupId: string | null
  /** Path of that cgroup; null when not known. Source: cgroup_mkdir. */
  readonly cgroupPath: string | null
  /** First process of the container in the host namespace; null when not known or ended. Source: runtime. */
  readonly initPid: number | null
  /** Exit status of the first process; null unless stopped. Source: runtime. */
  readonly exitCode: number | null
  /** The container ended for want of memory; null unless stopped. Source: runtime. */
  readonly isOomKilled: boolean | null
  /** Why facts are null; null when they are not. Source: collector. */
  readonly reason: string | null
  /** Where and when; cpu is -1. Source: collector. */
  readonly origin: Origin
}

/** A record that a function could not process. Value of eunomia.deadletter.v1. */
export interface DeadLetter {
  /** Function that failed. Source: runtime. */
  readonly functionName: string
  /** Topic of the record. Source: runtime. */
  readonly topic: string
  /** Partition of the record. Source: runtime. */
  readonly partition: number
  /** Offset of the record. Source: runtime. */
  readonly offset: number
  /** Key of the record; null for none. Source: record. */
  readonly key: Uint8Array | null
  /** Value of the record; null for a tombstone. Source: record. */
  readonly value: Uint8Array | null
  /** Time of the record in its topic; Unix time, microseconds. Source: record. */
  readonly timestampUs: number
  /** Code of the error, see docs/errors.md. Source: runtime. */
  readonly errorCode: string
  /** What went wrong. Source: runtime. */
  readonly errorMessage: string
  /** Field that could not be read; null when it is not known. Source: codec. */
  readonly field: string | null
  /** How often it was tried. Source: runtime. */
  readonly attempts: number
  /** When it was given up; Unix time, microseconds. Source: runtime. */
  readonly failedAtUs: number
}

/** Symbols of {@link FileEventType}; the index of a symbol is its number in Avro. */
export const FILE_EVENT_TYPE_SYMBOLS = [
  'UNKNOWN',
  'open',
  'rename',
  'unlink',
  'link',
  'symlink',
  'chmod',
  'chown',
  'mkdir',
  'rmdir',
  'truncate',
  'xattr',
  'times',
] as const
/** What was done to the file. truncate: its length was set; xattr: an extended attribute was set or removed; times: its times were set. */
export type FileEventType = (typeof FILE_EVENT_TYPE_SYMBOLS)[number]

/** A process opened, made, moved, removed or changed a file, or was refused to. Value of eunomia.file.v1. */
export interface FileEvent {
  /** What was done. Source: hook. */
  readonly type: FileEventType
  /** System call of the event. Source: pt_regs.orig_ax. */
  readonly syscall: Syscall
  /**
   * Path of the file; of rename and link the old name, of symlink the link. Absolute where pathSource is kernel: as seen from the root of
   * the process, but for a file of the host's system that it sees under another name, whose path on the host it is (then place.seenPath is
   * the other); else built from the arguments of the call: absolute with the working directory or the folder of the call where those are
   * known, without . and .. components; null when it could not be read. Source: see pathSource.
   */
  readonly path: string | null
  /** New name of a rename or link, in the form of path; null for other types, or when it could not be read. Source: as path. */
  readonly newPath: string | null
  /** Opened for reading; false for other types. Source: access mode of flags. */
  readonly isRead: boolean
  /** Opened for writing; false for other types. Source: access mode of flags. */
  readonly isWrite: boolean
  /** O_CREAT or O_TMPFILE is set; false for other types than open. Source: flags. */
  readonly isCreate: boolean
  /** The file did not exist and was made by this call: by open, mkdir, link or symlink. Source: FMODE_CREATED of file.f_mode; result. */
  readonly isCreated: boolean
  /** File descriptor of an open, 0 of the other types, or a negative errno. Source: return value. */
  readonly result: number
  /**
   * What the opened descriptor leads to, or what fd of fchmod and fchown does; null for a failed open, for other types, or when not known.
   * Source: inode.i_mode, file.f_op.
   */
  readonly descriptorType: DescriptorType | null
  /** The process that made the call. Source: process table. */
  readonly process: Process
  /**
   * Flags as given, the numbers of x86-64: of open, of renameat2, linkat, unlinkat, fchmodat2, fchownat, utimensat, setxattrat and
   * removexattrat, and XATTR_* of the other calls that set an attribute; 0 for a call without. Source: system call argument.
   */
  readonly flags: number
  /**
   * Permission bits: of an open with isCreate and of mkdir the requested ones, of chmod the new ones; else null. Source: system call
   * argument.
   */
  readonly mode: number | null
  /**
   * Path exactly as given to the call, the old one of two; null when it was not captured or could not be read. Source: user memory at the
   * return of the call; another thread may have changed it.
   */
  readonly pathArgument: string | null
  /** Second path of rename and link exactly as given; null for other types, or as pathArgument. Source: as pathArgument. */
  readonly newPathArgument: string | null
  /** What a symlink was made to lead to, exactly as given; null for other types, or when it could not be read. Source: as pathArgument. */
  readonly linkTarget: string | null
  /** kernel: walked from the dentries of the descriptor; argument: as passed by the process. Source: hook. */
  readonly pathSource: PathSource
  /**
   * A path is longer than what was captured: its beginning is missing (kernel, or the folder that a relative argument starts from) or its
   * end (argument). Source: hook.
   */
  readonly pathTruncated: boolean
  /** Thread that made the call, in the host namespace. Source: task_struct.pid. */
  readonly threadId: number
  /** Inode number of the file, decimal; null for a failed call or when not known. Source: inode.i_ino. */
  readonly inode: string | null
  /** Device number of the file system of the file, kernel encoding; null for a failed call or when not known. Source: super_block.s_dev. */
  readonly device: number | null
  /** New owner in the arguments of chown, -1 to leave it; null for other types. Source: system call argument. */
  readonly uid: number | null
  /** New group in the arguments of chown, -1 to leave it; null for other types. Source: system call argument. */
  readonly gid: number | null
  /**
   * Descriptor given to a call on one: fchmod, fchown, ftruncate, fsetxattr, fremovexattr, and utimensat or futimesat without a path; null
   * for other calls. Source: system call argument.
   */
  readonly fd: number | null
  /**
   * Descriptor of the folder that a relative pathArgument starts from, AT_FDCWD (-100) for the working directory; null for a call without,
   * or when not captured. Source: system call argument.
   */
  readonly directoryFd: number | null
  /** The same for newPathArgument. Source: system call argument. */
  readonly newDirectoryFd: number | null
  /** resolve of struct open_how; null for other calls than openat2. Source: system call argument. */
  readonly resolve: number | null
  /** The file lies in the upper layer of an overlay mount; null when not known. Source: overlayfs inode. */
  readonly isUpperLayer: boolean | null
  /** The file lies in a lower layer of an overlay mount only; null when not known. Source: overlayfs inode. */
  readonly isLowerLayer: boolean | null
  /**
   * Length that truncate and ftruncate set, or bytes of the value of an extended attribute; null for other types, for a removed attribute,
   * or when it could not be read. Source: system call argument.
   */
  readonly size: number | null
  /**
   * Name of the extended attribute that was set or removed: security.capability, system.posix_acl_access, user.*; null for other types, or
   * when it could not be read. Source: user memory at the return of the call; another thread may have changed it.
   */
  readonly attribute: string | null
  /**
   * Access time that the call set, microseconds since 1970; null for other types, and where the call set the current time or left it.
   * Source: user memory at the return of the call; another thread may have changed it.
   */
  readonly accessTimeUs: number | null
  /** Modification time that the call set, as accessTimeUs. Source: as accessTimeUs. */
  readonly modificationTimeUs: number | null
  /**
   * Where the file of path lies, or of a path from arguments the folder that it starts from; null for a file of the host reached through
   * the host's root. Source: dentry walk.
   */
  readonly place: PathPlace | null
  /** The same of newPath. Source: as place. */
  readonly newPlace: PathPlace | null
  /**
   * kernel: flags, isRead, isWrite and isCreate are from registers or the open file; argument: of openat2, from the memory of the process,
   * where another thread may have changed them after the call. O_TRUNC and O_EXCL of openat2 are always from there. Source: hook.
   */
  readonly flagsSource: PathSource
  /** How the call came into the kernel. Source: thread_info, pt_regs.orig_ax, hook. */
  readonly route: CallRoute
  /** Where and when. Source: collector. */
  readonly origin: Origin
  /**
   * Exact bytes of the text fields that are not valid UTF-8, by field name ("process.args.2", "path"); in the text itself each wrong byte
   * is replaced by U+FFFD. null when all text was valid. Source: kernel.
   */
  readonly raw: Readonly<Record<string, Uint8Array>> | null
}

/** One probe and whether it works. */
export interface ProbeState {
  /** Name of the probe. Source: BPF object. */
  readonly name: string
  /** It is attached. Source: bpf(2). */
  readonly isAttached: boolean
  /** Why it is not attached; null when it is. Source: bpf(2) errno. */
  readonly error: string | null
}

/** Account of one kind of event on one CPU since epoch: published + dropped + suppressed + in flight = emitted. */
export interface LedgerEntry {
  /** Topic of the kind, or cgroup for what the collector itself consumes. Source: event kind. */
  readonly topic: string
  /** Kind of event. Source: event header. */
  readonly kind: string
  /** CPU; -1 for records that the collector made. Source: event header. */
  readonly cpu: number
  /** Events that the hook saw. Source: kernel counter. */
  readonly emitted: number
  /** Events that the topic acknowledged, or that the collector consumed. Source: publisher. */
  readonly published: number
  /** Events lost because a ring had no room, or because another program of the CPU was making its record. Source: kernel counter. */
  readonly droppedRing: number
  /** Events that the collector could not publish. Source: publisher. */
  readonly droppedCollector: number
  /** Events that filters left out and, in `eunomia run`, those that no rule can match. Source: kernel counter, collector. */
  readonly suppressed: number
  /** Events lost because the spool was at its bound, or damaged. Source: spool. */
  readonly droppedSpool: number
  /** Events that wait in the spool; a part of those in flight. Source: spool. */
  readonly spooled: number
  /** The events are those that earlier runs left in the spool; emitted is how many the start of this run found. Source: spool. */
  readonly isInherited: boolean
}

/** Symbols of {@link LossPlace}; the index of a symbol is its number in Avro. */
export const LOSS_PLACE_SYMBOLS = ['UNKNOWN', 'kernel', 'collector', 'spool'] as const
/** Who lost them. */
export type LossPlace = (typeof LOSS_PLACE_SYMBOLS)[number]

/** Events of one kind on one CPU that were lost within a second or so. */
export interface Loss {
  /** The last check of the ledger before they were lost; Unix time, microseconds. Source: collector. */
  readonly fromUs: number
  /** The check of the ledger that found them lost; Unix time, microseconds. Source: collector. */
  readonly untilUs: number
  /** As in the ledger. Source: event kind. */
  readonly topic: string
  /** As in the ledger. Source: event header. */
  readonly kind: string
  /** As in the ledger. Source: event header. */
  readonly cpu: number
  /** Who lost them: droppedRing, droppedCollector or droppedSpool of the ledger. Source: ledger. */
  readonly where: LossPlace
  /** How many. Source: ledger. */
  readonly count: number
}

/** Heartbeat of a collector, with its loss ledger. Value of eunomia.host.v1. */
export interface HostEvent {
  /** Where and when; cpu is -1. Source: collector. */
  readonly origin: Origin
  /** Version of Eunomia. Source: package.json. */
  readonly collectorVersion: string
  /** Kernel release. Source: uname(2). */
  readonly kernelRelease: string
  /** Machine architecture. Source: uname(2). */
  readonly architecture: string
  /** Start of the collector; Unix time, microseconds. Source: collector. */
  readonly startedAtUs: number
  /** The collector ends in good order; no heartbeat follows. Source: collector. */
  readonly isLast: boolean
  /** Probes of the collector. Source: addon. */
  readonly probes: readonly ProbeState[]
  /** Loss ledger. Source: kernel counters and publisher. */
  readonly ledger: readonly LedgerEntry[]
  /**
   * What the ledger lost since the last heartbeat, by the second; while no collector ran, the difference of the ledgers around it has the
   * number. Source: ledger.
   */
  readonly losses: readonly Loss[]
  /**
   * Other counters at their bounds and outside them, by name: evicted processes, truncated arguments, unknown cgroups, recursion misses ...
   * Source: collector.
   */
  readonly counters: Readonly<Record<string, number>>
  /** Processes in the process table. Source: collector. */
  readonly processes: number
  /** Containers known. Source: collector. */
  readonly containers: number
  /** CPU time used by the collector since its start; microseconds. Source: getrusage(2). */
  readonly cpuUs: number
  /** Resident memory of the collector; bytes. Source: /proc/self/statm. */
  readonly rssBytes: number
}

/**
 * A row of a hunt, or the end of one of its slices. Rows of an attempt count when its end is there, of the first attempt of a slice that
 * has one. Value of eunomia.hunts.v1, whose key is the id of the hunt.
 */
export interface HuntRow {
  /** Id of the hunt, 12 hex digits. Source: command. */
  readonly huntId: string
  /** Number of the slice in the plan. Source: plan. */
  readonly slice: number
  /** Of the worker that ran the slice, random for each run. Source: worker. */
  readonly attempt: string
  /** Number of the record in its slice, from 0; of an end: how many there are before it. Source: worker. */
  readonly row: number
  /** The alert, in the wire format of eunomia.alerts.v1; null for any other record. Source: function detect. */
  readonly alert: Uint8Array | null
  /** Matches that feed correlations: JSON in gzip; null for any other record. Source: function detect. */
  readonly matches: Uint8Array | null
  /** Of the end of a slice: what was read, left out and could not be read: JSON in gzip; null for any other record. Source: worker. */
  readonly account: Uint8Array | null
}

/** Symbols of {@link KernelEventType}; the index of a symbol is its number in Avro. */
export const KERNEL_EVENT_TYPE_SYMBOLS = [
  'UNKNOWN',
  'mount',
  'umount',
  'chroot',
  'pivot_root',
  'ptrace',
  'process_vm',
  'setuid',
  'setgid',
  'capset',
  'setns',
  'unshare',
  'bpf',
  'perf_event',
  'module_load',
  'module_unload',
  'kexec',
  'memfd',
  'userfaultfd',
  'io_uring',
  'dup',
  'signal',
  'oom_kill',
  'keyctl',
  'prctl',
  'seccomp',
  'mknod',
  'call',
  'ipc',
  'ioctl',
  'drop',
] as const
/**
 * What was done. mount: also the calls of the newer interface, each by itself: open_tree, fsopen, fsconfig, fsmount, move_mount,
 * mount_setattr ...; setuid, setgid: the whole families; dup: a descriptor copied onto 0, 1 or 2; oom_kill: the kernel ended a process for
 * want of memory; ipc: shared memory, semaphores and message queues made, attached, changed or removed; ioctl: a request to a device or
 * file that rules watch, also file_setattr; call: another system call that rules watch, with name, result and arguments; drop: the
 * collector reports that events of this host were dropped or refused by their budgets.
 */
export type KernelEventType = (typeof KERNEL_EVENT_TYPE_SYMBOLS)[number]

/** A process changed the kernel, its own rights or another process, or was refused to. Value of eunomia.kernel.v1. */
export interface KernelEvent {
  /** What was done. Source: hook. */
  readonly type: KernelEventType
  /** System call of the event; UNKNOWN for what the kernel did on its own, such as oom_kill. Source: pt_regs.orig_ax. */
  readonly syscall: Syscall
  /**
   * Result of the call: a descriptor, a number, 0, or a negative errno; -115 (EINPROGRESS) of an operation of io_uring, which is reported
   * when it is submitted. Source: return value.
   */
  readonly result: number
  /**
   * Process acted upon (ptrace, process_vm, signal, oom_kill, setns by pidfd), in the host namespace; null for other types, or a target
   * that does not exist. Source: task_struct.tgid of the target.
   */
  readonly targetPid: number | null
  /** Command name of that process; null as targetPid. Source: task_struct.comm. */
  readonly targetName: string | null
  /**
   * Number of the operation of a call with many uses: request of ptrace, cmd of bpf, option of prctl, operation of keyctl and seccomp,
   * action of syslog, command of fsconfig, request of ioctl, opcode of io_uring_register and of an operation that io_uring ran; null for
   * others. Source: system call argument.
   */
  readonly request: number | null
  /**
   * Flags as given: of mount and the calls of its newer interface, umount2, unshare, setns (nstype), finit_module, memfd_create,
   * userfaultfd, io_uring_setup, dup3, seccomp ...; null for a call without. Of an ioctl that protects a file and of file_setattr
   * FS_IMMUTABLE_FL (16) and FS_APPEND_FL (32) as the file has them afterwards, of one on a network interface IFF_*. Source: system call
   * argument, inode.i_flags.
   */
  readonly flags: number | null
  /**
   * mount, umount: the mount point, of open_tree, fspick and mount_setattr the place in the tree; chroot, pivot_root: the new root;
   * module_load: file of the module; mknod: the file made; dup, setns, ioctl: file of the descriptor; io_uring: the path that was opened,
   * made, moved or removed. Absolute as FileEvent.path is; null when there is none or it was not read. Source: see pathSource.
   */
  readonly path: string | null
  /**
   * What is mounted: a device, a folder, or any text; of fsmount, open_tree and a move_mount without a path the source that the kernel
   * knows the mount by; null for other types. Source: system call argument, mount.mnt_devname.
   */
  readonly source: string | null
  /**
   * File system type of a mount; of fsmount, open_tree and move_mount as the kernel has it; null when none was given, and for other types.
   * Source: system call argument, file_system_type.name.
   */
  readonly fsType: string | null
  /**
   * Name of the thing: of a memfd, of a module, of a bpf program or map, of a key, given by prctl; the network interface of an ioctl; the
   * parameter that fsconfig sets; of io_uring the second path of a rename or link, or what a symlink leads to; null when there is none.
   * Source: system call argument, struct module, bpf_prog_aux.
   */
  readonly name: string | null
  /**
   * Data of a mount, value of an fsconfig that sets a text, parameters of a module; null when there are none, and for other types. Source:
   * system call argument.
   */
  readonly options: string | null
  /**
   * Secrets in source, name and options that the collector replaced with [redacted], or with [redacted:HASH] where the fleet has a key.
   * Source: collector.
   */
  readonly redacted: number
  /** Signal sent; null for other types. Source: system call argument, signal_generate. */
  readonly signal: number | null
  /**
   * Descriptor given: the old one of dup, that of setns, finit_module, ioctl, fsconfig, io_uring_enter, io_uring_register; null for others.
   * Source: system call argument.
   */
  readonly fd: number | null
  /**
   * Descriptor that came to be: the copy of dup, that of memfd, userfaultfd, io_uring_setup, bpf, perf_event_open; null for others, or when
   * the call failed. Source: return value.
   */
  readonly newFd: number | null
  /**
   * What the descriptor given to dup, setns or ioctl leads to; null for other types, or when not known. Source: file.f_op, inode.i_mode.
   */
  readonly descriptorType: DescriptorType | null
  /**
   * Address family (AF_*) of the socket that a dup copied, or that io_uring connected; null when it is none, as the next fields. Source:
   * sock.sk_family.
   */
  readonly family: number | null
  /** Its protocol (IPPROTO_*). Source: sock.sk_protocol. */
  readonly protocol: number | null
  /** The process is its server side; null when not known. Source: history of the socket. */
  readonly isServer: boolean | null
  /**
   * Its remote address as text: IPv4 with dots, IPv6 as RFC 5952 writes it (an IPv4 address mapped into IPv6 as IPv4), without scope: equal
   * addresses are equal bytes; null when the socket has none, or for another family. Source: struct sock, or the address given.
   */
  readonly remoteAddress: string | null
  /** Its remote port; null as the address. Source: struct sock, or the address given. */
  readonly remotePort: number | null
  /**
   * Its local address as text: IPv4 with dots, IPv6 as RFC 5952 writes it (an IPv4 address mapped into IPv6 as IPv4), without scope: equal
   * addresses are equal bytes; null when the socket has none, or for another family. Source: struct sock, or the address given.
   */
  readonly localAddress: string | null
  /** Its local port; null as the address. Source: struct sock, or the address given. */
  readonly localPort: number | null
  /**
   * The process that made the call; of drop the noisiest one; of oom_kill and of a signal from the kernel the one that was running. After
   * the call: with the credentials that a successful setuid gave. Source: process table.
   */
  readonly process: Process
  /**
   * Real user id in the arguments of setuid (its only one), setreuid, setresuid, -1 to leave it; null for a call without one. Source:
   * system call argument.
   */
  readonly uid: number | null
  /**
   * Effective user id in the arguments of setreuid, setresuid, -1 to leave it; null for a call without one. Source: system call argument.
   */
  readonly euid: number | null
  /** Saved user id in the arguments of setresuid, -1 to leave it; null for a call without one. Source: system call argument. */
  readonly suid: number | null
  /**
   * User id for the file system in the arguments of setfsuid, -1 to leave it; null for a call without one. Source: system call argument.
   */
  readonly fsuid: number | null
  /**
   * Real group id in the arguments of setgid (its only one), setregid, setresgid, -1 to leave it; null for a call without one. Source:
   * system call argument.
   */
  readonly gid: number | null
  /**
   * Effective group id in the arguments of setregid, setresgid, -1 to leave it; null for a call without one. Source: system call argument.
   */
  readonly egid: number | null
  /** Saved group id in the arguments of setresgid, -1 to leave it; null for a call without one. Source: system call argument. */
  readonly sgid: number | null
  /**
   * Group id for the file system in the arguments of setfsgid, -1 to leave it; null for a call without one. Source: system call argument.
   */
  readonly fsgid: number | null
  /** Effective capabilities in the arguments of capset, bit n for capability n; null for other types. Source: system call argument. */
  readonly capEffective: number | null
  /** Permitted capabilities in the arguments of capset, bit n for capability n; null for other types. Source: system call argument. */
  readonly capPermitted: number | null
  /** Inheritable capabilities in the arguments of capset, bit n for capability n; null for other types. Source: system call argument. */
  readonly capInheritable: number | null
  /**
   * Kinds of namespaces that unshare made or setns entered, as CLONE_NEW* bits, also where setns was given 0; null for other types, or when
   * not known. Source: nsproxy before and after.
   */
  readonly namespaceTypes: number | null
  /** Type of the bpf program (BPF_PROG_TYPE_*); null unless one is loaded or attached. Source: union bpf_attr. */
  readonly programType: number | null
  /**
   * Attributes that mount_setattr or open_tree_attr set (MOUNT_ATTR_*); null for other calls. Source: user memory at the return of the
   * call; another thread may have changed it.
   */
  readonly mountAttributes: number | null
  /** Kind and permission bits of mknod; null for other types. Source: system call argument. */
  readonly mode: number | null
  /**
   * Device number that mknod makes, kernel encoding; null for other types, or for a file that is no device. Source: system call argument.
   */
  readonly device: number | null
  /**
   * Bytes of a module image or of a process_vm transfer, entries of an io_uring, pages of an OOM victim; null for others. Source: system
   * call argument, oom_control.
   */
  readonly size: number | null
  /**
   * Arguments of the call as hexadecimal digits, as the audit system writes them (a0 first); of all types that a system call makes; null
   * when not captured. Source: pt_regs.
   */
  readonly arguments: readonly string[] | null
  /**
   * path exactly as given; null when the call has none or it could not be read. Source: user memory at the return of the call; another
   * thread may have changed it.
   */
  readonly pathArgument: string | null
  /** kernel: walked from dentries; argument: as passed by the process; UNKNOWN: no path. Source: hook. */
  readonly pathSource: PathSource
  /** A text is longer than what was captured. Source: hook. */
  readonly isTruncated: boolean
  /** Start of the target; microseconds since boot; null as targetPid. Source: task_struct.start_boottime. */
  readonly targetStartBootUs: number | null
  /**
   * Whole id of the container of the target, as Process.containerId; null on the host, or as targetPid. Source: cgroup path and the
   * container runtime.
   */
  readonly targetContainerId: string | null
  /** Thread that made the call, in the host namespace; null when none did. Source: task_struct.pid. */
  readonly threadId: number | null
  /** Where the file of path lies, as FileEvent.place. Source: dentry walk. */
  readonly place: PathPlace | null
  /** How the call came into the kernel. Source: thread_info, pt_regs.orig_ax, hook. */
  readonly route: CallRoute
  /** drop: kinds of the events, as the ledger names them, the most frequent first; null for other types. Source: kernel counters. */
  readonly droppedKinds: readonly string[] | null
  /**
   * drop: events of these kinds that found no room in a ring, in the collector or in its spool within the interval; null for other types.
   * Source: loss ledger.
   */
  readonly droppedEvents: number | null
  /**
   * drop: events of these kinds over the budget of their process or cgroup within the interval; null for other types. Source: kernel
   * counters.
   */
  readonly refusedEvents: number | null
  /**
   * drop: how many of both `process` made, the noisiest process of the noisiest cgroup; null for other types, and when nobody is known:
   * then `process` is the collector. Source: table budgets of the probes.
   */
  readonly processEvents: number | null
  /** drop: length of the interval that ends with this event, microseconds; null for other types. Source: collector. */
  readonly intervalUs: number | null
  /**
   * Where name, capabilities, programType, flags of io_uring_setup and the address of a connect by io_uring come from. kernel: what the
   * kernel made of the call; argument: the memory of the process, where another thread may have changed them after the call; UNKNOWN: the
   * event has none. source and options are from the memory of the process, except those of a mount that was made by its parts. Source:
   * hook.
   */
  readonly valuesSource: PathSource
  /** Where and when. Source: collector. */
  readonly origin: Origin
  /**
   * Exact bytes of the text fields that are not valid UTF-8, by field name ("process.args.2", "path"); in the text itself each wrong byte
   * is replaced by U+FFFD. null when all text was valid. Source: kernel.
   */
  readonly raw: Readonly<Record<string, Uint8Array>> | null
}

/** Symbols of {@link NetworkEventType}; the index of a symbol is its number in Avro. */
export const NETWORK_EVENT_TYPE_SYMBOLS = [
  'UNKNOWN',
  'socket',
  'bind',
  'listen',
  'connect',
  'accept',
  'send',
  'receive',
  'close',
  'dns',
] as const
/** What was done with the socket. send, receive: the first datagram of a flow, the rest is counted in the close. */
export type NetworkEventType = (typeof NETWORK_EVENT_TYPE_SYMBOLS)[number]

/** One record of an answer. */
export interface DnsAnswer {
  /** Name that the record is about, written as questionName. Source: answer section. */
  readonly name: string
  /** Type of the record. Source: answer section. */
  readonly type: number
  /** Time that it may be cached; seconds. Source: answer section. */
  readonly ttlSeconds: number
  /** Address of an A or AAAA record, name of CNAME, NS, PTR, MX and SRV, text of TXT; null for other types. Source: answer section. */
  readonly value: string | null
}

/** One DNS question, with its answers where it is the answer. */
export interface DnsMessage {
  /** An answer; else a question. Source: header. */
  readonly isResponse: boolean
  /** Queried name, without the last dot; bytes outside of printable ASCII as \DDD. Source: question. */
  readonly questionName: string
  /** Queried type (1 A, 28 AAAA, 16 TXT ...). Source: question. */
  readonly questionType: number
  /** Code of the answer (0 no error, 3 no such name ...); null for a question. Source: header. */
  readonly responseCode: number | null
  /** Records of the answer section, up to a bound set in the collector; empty for a question. Source: answer section. */
  readonly answers: readonly DnsAnswer[]
  /** answers lacks some: the bound was met, or the message was cut. Source: header. */
  readonly answersTruncated: boolean
}

/** A process made, bound, connected, used or closed a socket, or was refused to; a DNS question or answer. Value of eunomia.network.v1. */
export interface NetworkEvent {
  /** What was done. Source: hook. */
  readonly type: NetworkEventType
  /**
   * System call of the event; UNKNOWN for what the kernel did on its own, such as the end of a connect that went on without its caller.
   * Source: pt_regs.orig_ax.
   */
  readonly syscall: Syscall
  /**
   * Result of the call: the new descriptor of socket and accept, bytes of send and receive, else 0; or a negative errno: -115 (EINPROGRESS)
   * of a connect that goes on without its caller. Source: return value.
   */
  readonly result: number
  /**
   * Address family of the socket (AF_*: 1 unix, 2 IPv4, 10 IPv6, 16 netlink, 17 packet ...); null when not known. Source: sock.sk_family,
   * or the argument of a refused socket call.
   */
  readonly family: number | null
  /**
   * Protocol of an IPv4 or IPv6 socket (IPPROTO_*: 6 TCP, 17 UDP, 1 ICMP ...); of others as given to socket; null when not known. Source:
   * sock.sk_protocol.
   */
  readonly protocol: number | null
  /** Type of the socket without its flags (SOCK_*: 1 stream, 2 datagram, 3 raw ...); null when not known. Source: sock.sk_type. */
  readonly socketType: number | null
  /**
   * The process is the server side: it listens, accepted, or received the first datagram; false: it connected or sent first; null when that
   * is not known. Source: history of the socket.
   */
  readonly isServer: boolean | null
  /**
   * Remote address as text: IPv4 with dots, IPv6 as RFC 5952 writes it (an IPv4 address mapped into IPv6 as IPv4), without scope: equal
   * addresses are equal bytes; null when the socket has none, or for another family. Source: struct sock, or the address given.
   */
  readonly remoteAddress: string | null
  /** Remote port; null as the address. Source: struct sock, or the address given. */
  readonly remotePort: number | null
  /**
   * Local address as text: IPv4 with dots, IPv6 as RFC 5952 writes it (an IPv4 address mapped into IPv6 as IPv4), without scope: equal
   * addresses are equal bytes; null when the socket has none, or for another family. Source: struct sock, or the address given.
   */
  readonly localAddress: string | null
  /** Local port; null as the address. Source: struct sock, or the address given. */
  readonly localPort: number | null
  /**
   * Name of the last DNS answer on this host, in this container, that contained the remote address; null when none was seen. Source: dns
   * events.
   */
  readonly remoteName: string | null
  /** The same for the local address. Source: dns events. */
  readonly localName: string | null
  /**
   * Path of a unix socket: of the one connected or sent to, else its own; an abstract name begins with @; null for other families or an
   * unnamed one. Source: unix_sock.addr, or the address given.
   */
  readonly unixPath: string | null
  /** The socket has a peer after the call; false while a connect goes on; null when not known. Source: sock.sk_state. */
  readonly isConnected: boolean | null
  /** The call changed the addresses or ports of the socket; null when not known. Source: struct sock before and after. */
  readonly isNameChanged: boolean | null
  /**
   * Descriptor of the socket: the new one of socket and accept; null for dns, for a failed socket or accept, or when the kernel closed it.
   * Source: system call argument, return value.
   */
  readonly fd: number | null
  /** The process that made the call; of a DNS answer the one that sent the query. Source: process table. */
  readonly process: Process
  /** DNS message of the event; null for other types. Source: payload. */
  readonly dns: DnsMessage | null
  /**
   * First bytes of the data of a send or receive, up to a bound set in the collector; null when it is set to take none, or for other types.
   * Source: user memory at the return of the call.
   */
  readonly payload: Uint8Array | null
  /** Length argument of a send or receive, bytes; null for other types. Source: system call argument. */
  readonly size: number | null
  /**
   * Flags: SOCK_* of socket and accept4, MSG_* of send and receive, the numbers of x86-64; null for other calls. Source: system call
   * argument.
   */
  readonly flags: number | null
  /** Queue length in the argument of listen; null for other types. Source: system call argument. */
  readonly backlog: number | null
  /** Payload bytes sent by the socket in its life; null unless close. Source: tcp_sock.bytes_acked, or counted. */
  readonly bytesSent: number | null
  /** Payload bytes received by the socket in its life; null unless close. Source: tcp_sock.bytes_received, or counted. */
  readonly bytesReceived: number | null
  /** Segments or datagrams sent by the socket in its life; null unless close. Source: tcp_sock.segs_out, or counted. */
  readonly packetsSent: number | null
  /** Segments or datagrams received by the socket in its life; null unless close. Source: tcp_sock.segs_in, or counted. */
  readonly packetsReceived: number | null
  /**
   * Of a close the time from connect, accept or first datagram on; of a connect the time until the connection was established;
   * microseconds; null for other types or when the start was not seen. Source: history of the socket.
   */
  readonly durationUs: number | null
  /** Smoothed round trip time of a TCP connection; microseconds; null unless close. Source: tcp_sock.srtt_us. */
  readonly roundTripUs: number | null
  /**
   * Cookie of the socket, decimal, 64 bits: the same in all events of one socket until the next boot; null when not known. Source:
   * sock.sk_cookie.
   */
  readonly socketId: string | null
  /** Thread that made the call, in the host namespace; null when none did. Source: task_struct.pid. */
  readonly threadId: number | null
  /**
   * Descriptors that a sendmsg handed to another process (SCM_RIGHTS); the first such message of a socket is an event, also on a stream.
   * null for all others. Source: passedSource says.
   */
  readonly passedDescriptors: number | null
  /** How the call came into the kernel. Source: thread_info, pt_regs.orig_ax, hook. */
  readonly route: CallRoute
  /**
   * Where the remote end, or the local one of a refused bind, comes from. kernel: from the socket; argument: from the address that the call
   * was passed or returned, in the memory of the process, where another thread may have changed it; UNKNOWN: there is none. DNS messages
   * and payloads are always from there. Source: hook.
   */
  readonly remoteSource: PathSource
  /**
   * Where passedDescriptors comes from. argument: from the control data that the call was passed, in the memory of the process, where
   * another thread may have changed it; UNKNOWN: there is none. Source: hook.
   */
  readonly passedSource: PathSource
  /** Where and when. Source: collector. */
  readonly origin: Origin
  /**
   * Exact bytes of the text fields that are not valid UTF-8, by field name ("process.args.2", "path"); in the text itself each wrong byte
   * is replaced by U+FFFD. null when all text was valid. Source: kernel.
   */
  readonly raw: Readonly<Record<string, Uint8Array>> | null
}

/** An event whose verdict waits for facts of its container. Value of eunomia.pending.v1. */
export interface PendingEvent {
  /** Topic of the event. Source: detect. */
  readonly eventTopic: string
  /** Value of the event, in wire format. Source: event topic. */
  readonly event: Uint8Array
  /** Container whose facts are missing. Source: event. */
  readonly containerId: string
  /** Rules whose verdict waits. Source: detect. */
  readonly rules: readonly string[]
  /** Rule set of the first evaluation, 16 hex digits. Source: detect. */
  readonly ruleSetHash: string
  /** When it is evaluated without the facts; Unix time, microseconds. Source: detect. */
  readonly deadlineUs: number
  /** Number of evaluations so far. Source: detect. */
  readonly attempts: number
  /** Origin of the event. Source: event. */
  readonly origin: Origin
}

/** Symbols of {@link ProcessEventType}; the index of a symbol is its number in Avro. */
export const PROCESS_EVENT_TYPE_SYMBOLS = ['UNKNOWN', 'exec', 'fork', 'exit', 'snapshot'] as const
/** What happened to the process. */
export type ProcessEventType = (typeof PROCESS_EVENT_TYPE_SYMBOLS)[number]

/**
 * A process was made, executed a file, was refused to, ended, or was found running when the collector started. Value of eunomia.process.v1.
 */
export interface ProcessEvent {
  /** What happened. A refused exec is an exec with a negative result. Source: hook. */
  readonly type: ProcessEventType
  /** System call of the event; UNKNOWN for exit by signal and for snapshot. Source: pt_regs.orig_ax. */
  readonly syscall: Syscall
  /** Result of the system call: 0, or a negative errno. Source: return value. */
  readonly result: number
  /** The process: for exec as it is after it, for a refused exec the caller, for fork the child. Source: process table. */
  readonly process: Process
  /** File given to execve, as given; null for other types. Source: linux_binprm.filename, or the argument of the refused call. */
  readonly filename: string | null
  /**
   * Flags of clone (CLONE_*) that the new process of a fork shows: VM, FS and FILES for what it shares with its maker, NEW* for namespaces
   * that are others; null for other events. Source: task_struct of both.
   */
  readonly cloneFlags: number | null
  /** Arguments of a refused exec, up to the bound for arguments; null for other events. Source: user memory at the return of the call. */
  readonly attemptedArgs: readonly string[] | null
  /**
   * Secrets in attemptedArgs that the collector replaced with [redacted], or with [redacted:HASH] where the fleet has a key. Source:
   * collector.
   */
  readonly redacted: number
  /** Exit status 0..255; null unless it exited without a signal. Source: task_struct.exit_code. */
  readonly exitCode: number | null
  /** Signal that ended the process; null unless a signal did. Source: task_struct.exit_code. */
  readonly exitSignal: number | null
  /** A core dump was made; null for other types. Source: task_struct.exit_code. */
  readonly coreDumped: boolean | null
  /** Life of the process from start to exit; microseconds; null for other types. Source: bootTimeUs - startBootUs. */
  readonly durationUs: number | null
  /**
   * Thread that made the call, in the host namespace; of a fork the thread of the parent; null for a snapshot or when not known. Source:
   * task_struct.pid.
   */
  readonly threadId: number | null
  /** Where and when. Source: collector. */
  readonly origin: Origin
  /**
   * Exact bytes of the text fields that are not valid UTF-8, by field name ("process.args.2", "path"); in the text itself each wrong byte
   * is replaced by U+FFFD. null when all text was valid. Source: kernel.
   */
  readonly raw: Readonly<Record<string, Uint8Array>> | null
}

/** Symbols of {@link StateKind}; the index of a symbol is its number in Avro. */
export const STATE_KIND_SYMBOLS = ['UNKNOWN', 'silence', 'alert', 'hunt', 'savedHunt', 'archiveHold'] as const
/** What a record of the state is. */
export type StateKind = (typeof STATE_KIND_SYMBOLS)[number]

/** Alerts that are not sent to receivers. */
export interface Silence {
  /** Which alerts, as JSON: the fields of a route. Source: command. */
  readonly match: string
  /** The first event that it silences; Unix time, microseconds. Source: command. */
  readonly startsUs: number
  /** Events from here on are not silenced; Unix time, microseconds. Source: command. */
  readonly endsUs: number
}

/** Symbols of {@link AlertState}; the index of a symbol is its number in Avro. */
export const ALERT_STATE_SYMBOLS = ['UNKNOWN', 'acknowledged', 'closed', 'open'] as const
/** What people know of an alert. */
export type AlertState = (typeof ALERT_STATE_SYMBOLS)[number]

/** Symbols of {@link HuntStatus}; the index of a symbol is its number in Avro. */
export const HUNT_STATUS_SYMBOLS = ['UNKNOWN', 'saved', 'running', 'paused', 'cancelled', 'ended'] as const
/** Where a hunt is. */
export type HuntStatus = (typeof HUNT_STATUS_SYMBOLS)[number]

/** Rules that run over a part of the past: everything that a worker needs to run it. */
export interface Hunt {
  /**
   * saved: only its schedule starts it; running: workers take its slices; paused: they take no further ones; cancelled: nor will they;
   * ended: its account is there. Source: command, or the worker that ended it.
   */
  readonly status: HuntStatus
  /** When it was started or saved; Unix time, microseconds. Source: command. */
  readonly startedUs: number
  /** Who started or saved it, as they say. Source: command. */
  readonly startedBy: string
  /** The plan of a hunt, or what a saved hunt asks for: JSON in gzip. Source: command. */
  readonly plan: Uint8Array
  /** Name of the saved hunt that it is a run of; null for another. Source: command. */
  readonly savedAs: string | null
  /** When a saved hunt runs, as crontab(5) says it, in UTC; null for any other, and for one without a schedule. Source: command. */
  readonly schedule: string | null
  /** What an ended hunt read, skipped and missed: JSON in gzip; null before. Source: worker. */
  readonly account: Uint8Array | null
}

/** Objects of the archive that retention does not remove. */
export interface ArchiveHold {
  /** Short names of the topics; all of them when it is empty. Source: command. */
  readonly topics: readonly string[]
  /** First time of records that are held; Unix time, microseconds. Source: command. */
  readonly fromUs: number
  /** Time before which records are held; Unix time, microseconds. Source: command. */
  readonly toUs: number
}

/**
 * What people have set: a silence, what they know of an alert, a hunt, or a saved hunt. The latest record of a key counts. Value of
 * eunomia.state.v1, whose key is kind/id.
 */
export interface StateRecord {
  /** What it is. Source: command. */
  readonly kind: StateKind
  /**
   * Of a silence or a hunt: made with it, 12 hex digits. Of the state of an alert: its alertId. Of a saved hunt: its name. Source: command.
   */
  readonly id: string
  /** Who set it, as they say. Source: command. */
  readonly author: string
  /** Why; a comment. Source: command. */
  readonly reason: string
  /** When; Unix time, microseconds. Source: command. */
  readonly changedUs: number
  /** The silence; null for another kind. Source: command. */
  readonly silence: Silence | null
  /** acknowledged: somebody works on it; closed: nobody needs to any more; open: as before both; null for another kind. Source: command. */
  readonly alertState: AlertState | null
  /** The hunt; null for another kind. Source: command. */
  readonly hunt: Hunt | null
  /** The hold; null for another kind, and after its end. Source: command. */
  readonly archiveHold: ArchiveHold | null
}

/** Symbols of {@link UsageType}; the index of a symbol is its number in Avro. */
export const USAGE_TYPE_SYMBOLS = ['UNKNOWN', 'syscalls', 'syscallsSeen', 'files', 'tcp', 'capabilities'] as const
/** What an aggregate counts. */
export type UsageType = (typeof USAGE_TYPE_SYMBOLS)[number]

/** Symbols of {@link UsageScope}; the index of a symbol is its number in Avro. */
export const USAGE_SCOPE_SYMBOLS = ['UNKNOWN', 'process', 'cgroup', 'rest', 'overflow'] as const
/** Whom an aggregate is of. */
export type UsageScope = (typeof USAGE_SCOPE_SYMBOLS)[number]

/** The process of an aggregate. */
export interface UsageProcess {
  /** Process id (thread group id) in the host namespace. Source: task_struct.tgid. */
  readonly pid: number
  /** Start of the process; microseconds since boot. (hostId, bootId, pid, startBootUs) is a process. Source: task_struct.start_boottime. */
  readonly startBootUs: number
  /**
   * Name of its first thread when it first did something in the interval; of one that became another program in it, the name of that.
   * Source: task_struct.comm.
   */
  readonly name: string
  /** Path of its executable; null when it is not known. Source: process table of the collector. */
  readonly exePath: string | null
}

/** Symbols of {@link SyscallAbi}; the index of a symbol is its number in Avro. */
export const SYSCALL_ABI_SYMBOLS = ['UNKNOWN', 'native', 'compat32', 'x32'] as const
/** Tables that system calls are numbered by. */
export type SyscallAbi = (typeof SYSCALL_ABI_SYMBOLS)[number]

/** How often a system call was made. */
export interface SyscallCount {
  /**
   * Name of the call in its ABI; call_ and its number for one that this version has no name for; unknown for all numbers from 1024 on
   * together. Source: tables of the kernel headers.
   */
  readonly name: string
  /** native: that of the architecture; compat32: the 32-bit calls of it; x32: x86-64 only. Source: registers of the task. */
  readonly abi: SyscallAbi
  /** Number of the call in its ABI; -1 for all numbers from 1024 on together. Source: sys_enter. */
  readonly number: number
  /** Calls that were begun in the interval; null in syscallsSeen, which says only that there was one. Source: sys_enter. */
  readonly count: number | null
}

/** What a process read from a file and wrote to it. */
export interface FileUsage {
  /**
   * Path of the file as its process sees it, when it was first used in the interval; null when it is not known. Source: dentries of the
   * file.
   */
  readonly path: string | null
  /** The beginning of the path is missing: it is longer than the limit. Source: dentries of the file. */
  readonly isPathTruncated: boolean
  /** Inode number, decimal; null in sums. Source: struct inode i_ino. */
  readonly inode: string | null
  /** Device of the file system as the kernel has it, major << 20 | minor; null in sums. Source: super_block.s_dev. */
  readonly device: number | null
  /** Calls that read and did not fail. Source: sys_exit. */
  readonly reads: number
  /** Calls that wrote and did not fail. Source: sys_exit. */
  readonly writes: number
  /** What they read; bytes. Source: results of the calls. */
  readonly bytesRead: number
  /** What they wrote; bytes. Source: results of the calls. */
  readonly bytesWritten: number
}

/** What a process sent and received over TCP to and from one remote address and port. */
export interface TcpUsage {
  /** Address of the other side in canonical form; null in sums. Source: struct sock. */
  readonly remoteAddress: string | null
  /**
   * Port of the server: the remote one of connections that the process made, its own of those that it accepted, the lower one when isServer
   * is not known; null in sums. Source: struct sock.
   */
  readonly port: number | null
  /**
   * The process accepted the connections; null in sums, and for connections that are older than the tracker. Source: struct sock,
   * inet_sock_set_state.
   */
  readonly isServer: boolean | null
  /**
   * Connections that were established in the interval; one that was accepted counts as soon as it has a descriptor. Source:
   * inet_sock_set_state.
   */
  readonly opened: number
  /** Connects that ended in the interval without a connection: refused, timed out, given up. Source: inet_sock_set_state. */
  readonly failed: number
  /** Connections that ended in the interval, for both sides. Source: inet_sock_set_state. */
  readonly closed: number
  /** Connections that were open at the end of the interval. Source: descriptors of all processes. */
  readonly open: number
  /** Payload that the other side acknowledged in the interval; bytes. Source: tcp_sock.bytes_acked. */
  readonly bytesSent: number
  /** Payload received in the interval; bytes. Source: tcp_sock.bytes_received. */
  readonly bytesReceived: number
  /** Segments that were sent again in the interval, of connects too. Source: tcp_sock.total_retrans. */
  readonly segmentsRetransmitted: number
  /**
   * Smoothed round trip time at the end of the interval or of a connection, the mean of the connections; microseconds, null when none was
   * measured. Source: tcp_sock.srtt_us.
   */
  readonly roundTripUs: number | null
  /** The shortest of them; microseconds. Source: tcp_sock.srtt_us. */
  readonly minRoundTripUs: number | null
  /** The longest of them; microseconds. Source: tcp_sock.srtt_us. */
  readonly maxRoundTripUs: number | null
  /**
   * From the SYN to the established connection, the mean of those that the process made in the interval; microseconds, null without any.
   * Source: inet_sock_set_state.
   */
  readonly connectUs: number | null
  /** The longest of them; microseconds. Source: inet_sock_set_state. */
  readonly maxConnectUs: number | null
}

/** How often the kernel checked a capability of a process. */
export interface CapabilityUse {
  /**
   * Name as in capabilities(7), CAP_SYS_ADMIN; CAP_ and its number for one that this version does not know. Source:
   * include/uapi/linux/capability.h.
   */
  readonly name: string
  /** Number of the capability. Source: cap_capable. */
  readonly number: number
  /** Checks in the interval that the process passed. Source: cap_capable. */
  readonly granted: number
  /** Checks in the interval that it did not pass. Source: cap_capable. */
  readonly denied: number
}

/** What a process or a container did in an interval, in numbers. Value of eunomia.usage.v1. */
export interface UsageRecord {
  /**
   * syscalls: calls of a process, by their kind; syscallsSeen: kinds of calls of a cgroup since it is watched, once more whenever one is
   * new; files: reads and writes of a process and file; tcp: traffic of a process and remote address; capabilities: checks of a process.
   * Source: collector.
   */
  readonly type: UsageType
  /**
   * process: one process in one cgroup; cgroup: all processes of a cgroup; rest: the sum of the aggregates that are not reported one by
   * one, because others are larger; overflow: counts that found no room in the table of the kernel, so that their process is unknown. All
   * records of a type and interval together are all that happened in it. Source: collector.
   */
  readonly scope: UsageScope
  /**
   * Whole id of the innermost container that a runtime confirmed; null on the host, while none is confirmed, and in sums. Source: cgroup
   * path and the container runtime.
   */
  readonly containerId: string | null
  /** Whole container id that the cgroup path claims, confirmed or not; null when the path names none. Source: cgroup path. */
  readonly containerClaim: string | null
  /** Who it was; null in scopes other than process. Source: kernel. */
  readonly process: UsageProcess | null
  /** Start of the interval; microseconds since boot. Of syscallsSeen since when the cgroup is watched. Source: collector. */
  readonly startBootUs: number
  /** End of the interval; microseconds since boot. Source: collector. */
  readonly endBootUs: number
  /** Of rest: how many aggregates are in the sum. Source: collector. */
  readonly aggregates: number | null
  /**
   * Calls, checks or connections of this record together; of tcp connects that failed and connections that were opened; null in
   * syscallsSeen. Source: collector.
   */
  readonly calls: number | null
  /** Of syscalls and syscallsSeen; null in others, and in overflow. Source: sys_enter. */
  readonly syscalls: readonly SyscallCount[] | null
  /** Of files. Source: sys_exit. */
  readonly file: FileUsage | null
  /** Of tcp. Source: inet_sock_set_state and descriptors of all processes. */
  readonly tcp: TcpUsage | null
  /** Of capabilities. Source: cap_capable. */
  readonly capabilities: readonly CapabilityUse[] | null
  /** Id of the cgroup, decimal; null in sums. Source: cgroup v2, or v1 where v2 has no place of the process. */
  readonly cgroupId: string | null
  /** Path of the cgroup below the root of its hierarchy; null when it is not known. Source: kernel. */
  readonly cgroupPath: string | null
  /** Where and when: the end of the interval. Source: collector. */
  readonly origin: Origin
}
