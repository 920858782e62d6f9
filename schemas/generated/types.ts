// Generated from schemas/*.avsc by `npm run generate`. Do not edit: change the schema.
// The records of the topics as TypeScript sees them.

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
  /** Image as it was asked for, with tag or digest. Source: runtime. */
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

/** Where and when a record was made. (hostId, bootId, epoch, topic, cpu, seq) is the event id. */
export interface Origin {
  /** Identity of the host, made once and kept in the state folder of the collector. Source: collector. */
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
}

/**
 * A process as it was at the event: what it runs, who it is, where it stands. Encoded once per change and spliced into every event of the
 * process.
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
] as const
/** System call behind an event, by its name in the kernel; UNKNOWN when the event came from none. Source: pt_regs.orig_ax. */
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
export const FACTS_STATE_SYMBOLS = ['UNKNOWN', 'complete', 'absent'] as const
/** Whether a verdict rests on all facts. */
export type FactsState = (typeof FACTS_STATE_SYMBOLS)[number]

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
   * complete: all facts that the verdict needs were known; absent: the deadline passed without the facts of the container. Source: detect.
   */
  readonly facts: FactsState
  /** Topic of the event. Source: topic. */
  readonly eventTopic: string
  /** Type of the event: the system call, or exit, snapshot ... Source: event. */
  readonly eventType: string
  /** Origin of the event: with eventTopic it is the event id. Source: event. */
  readonly origin: Origin
  /** Process of the event. Source: event. */
  readonly process: Process
  /** File of the event; null when the event has none. Source: event. */
  readonly path: string | null
  /** Whole id of the container; null on the host. Source: event. */
  readonly containerId: string | null
  /** Facts of the container; null on the host, or when facts are absent. Source: membership. */
  readonly container: ContainerFacts | null
}

/** Symbols of {@link ContainerEventType}; the index of a symbol is its number in Avro. */
export const CONTAINER_EVENT_TYPE_SYMBOLS = ['UNKNOWN', 'created', 'started', 'stopped', 'removed', 'facts'] as const
/** What is told of the container. */
export type ContainerEventType = (typeof CONTAINER_EVENT_TYPE_SYMBOLS)[number]

/** Symbols of {@link ContainerRuntime}; the index of a symbol is its number in Avro. */
export const CONTAINER_RUNTIME_SYMBOLS = ['UNKNOWN', 'docker', 'containerd', 'crio', 'podman', 'nerdctl', 'lxc', 'systemd'] as const
/** Software that runs a container. */
export type ContainerRuntime = (typeof CONTAINER_RUNTIME_SYMBOLS)[number]

/** Life and facts of a container. Value of eunomia.container.v1. */
export interface ContainerEvent {
  /**
   * created: its cgroup was made, facts may follow; started, stopped, removed: told by the runtime; facts: what is known of it. Source:
   * collector.
   */
  readonly type: ContainerEventType
  /** Whole id of the container. Source: runtime. */
  readonly containerId: string
  /** Runtime of the container. Source: cgroup path layout, runtime. */
  readonly runtime: ContainerRuntime
  /** Facts of the container; null while the runtime has not told them, or can not any more. Source: runtime. */
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
] as const
/** What was done to the file. */
export type FileEventType = (typeof FILE_EVENT_TYPE_SYMBOLS)[number]

/** Symbols of {@link PathSource}; the index of a symbol is its number in Avro. */
export const PATH_SOURCE_SYMBOLS = ['UNKNOWN', 'kernel', 'argument'] as const
/** How the path of an event was learned. */
export type PathSource = (typeof PATH_SOURCE_SYMBOLS)[number]

/** A process opened a file or was refused to. Value of eunomia.file.v1. */
export interface FileEvent {
  /** What was done. Source: hook. */
  readonly type: FileEventType
  /** System call behind the event. Source: pt_regs.orig_ax. */
  readonly syscall: Syscall
  /**
   * Path of the file: absolute, as seen from the root of the process, where pathSource is kernel; else made from what the call gave:
   * absolute with the working directory or the folder of the call where those are known, without . and .. components; null when it could
   * not be read. Source: see pathSource.
   */
  readonly path: string | null
  /** Opened for reading. Source: access mode of flags. */
  readonly isRead: boolean
  /** Opened for writing. Source: access mode of flags. */
  readonly isWrite: boolean
  /** O_CREAT or O_TMPFILE was asked for. Source: flags. */
  readonly isCreate: boolean
  /** The file did not exist and was made by this call. Source: FMODE_CREATED of file.f_mode. */
  readonly isCreated: boolean
  /** File descriptor, or a negative errno. Source: return value. */
  readonly result: number
  /** The process that made the call. Source: process table. */
  readonly process: Process
  /** Open flags as given, the numbers of x86-64. Source: system call argument. */
  readonly flags: number
  /** Permission bits asked for; null unless isCreate. Source: system call argument. */
  readonly mode: number | null
  /**
   * Path exactly as given to the call; null when it was not captured or could not be read. Source: user memory at the return of the call;
   * another thread may have changed it.
   */
  readonly pathArgument: string | null
  /** kernel: walked from the dentries of the descriptor; argument: as the process gave it. Source: hook. */
  readonly pathSource: PathSource
  /**
   * The path is longer than what was captured: its beginning is missing (kernel, or the folder that a relative argument starts from) or its
   * end (argument). Source: hook.
   */
  readonly pathTruncated: boolean
  /** Thread that made the call, in the host namespace. Source: task_struct.pid. */
  readonly threadId: number
  /** Inode number of the opened file, decimal; null for a failed call. Source: inode.i_ino. */
  readonly inode: string | null
  /** Device number of the file system of the opened file, kernel encoding; null for a failed call. Source: super_block.s_dev. */
  readonly device: number | null
  /** Where and when. Source: collector. */
  readonly origin: Origin
  /**
   * Exact bytes of the text fields that are not valid UTF-8, by field name ("process.args.2", "path"); in the text itself each wrong byte
   * stands as U+FFFD. null when all text was valid. Source: kernel.
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
  /** Events that filters left out. Source: kernel counter. */
  readonly suppressed: number
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
  /** Rule set that judged first, 16 hex digits. Source: detect. */
  readonly ruleSetHash: string
  /** When it is judged with the facts absent; Unix time, microseconds. Source: detect. */
  readonly deadlineUs: number
  /** How often it was judged so far. Source: detect. */
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
  /** System call behind the event; UNKNOWN for exit by signal and for snapshot. Source: pt_regs.orig_ax. */
  readonly syscall: Syscall
  /** Result of the system call: 0, or a negative errno. Source: return value. */
  readonly result: number
  /** The process: for exec as it is after it, for a refused exec the caller, for fork the child. Source: process table. */
  readonly process: Process
  /** File given to execve, as given; null for other types. Source: linux_binprm.filename, or the argument of the refused call. */
  readonly filename: string | null
  /** Arguments of a refused exec, up to the bound for arguments; null for other events. Source: user memory at the return of the call. */
  readonly attemptedArgs: readonly string[] | null
  /** Exit status 0..255; null unless it exited by itself. Source: task_struct.exit_code. */
  readonly exitCode: number | null
  /** Signal that ended the process; null unless a signal did. Source: task_struct.exit_code. */
  readonly exitSignal: number | null
  /** A core dump was made; null for other types. Source: task_struct.exit_code. */
  readonly coreDumped: boolean | null
  /** Life of the process from start to exit; microseconds; null for other types. Source: bootTimeUs - startBootUs. */
  readonly durationUs: number | null
  /** Where and when. Source: collector. */
  readonly origin: Origin
  /**
   * Exact bytes of the text fields that are not valid UTF-8, by field name ("process.args.2", "path"); in the text itself each wrong byte
   * stands as U+FFFD. null when all text was valid. Source: kernel.
   */
  readonly raw: Readonly<Record<string, Uint8Array>> | null
}
