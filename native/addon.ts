// The functions and classes of the two compiled addons, types only: native/src/addon.cc (kernel) and native/src/regex/addon.cc. native/index.ts loads them.

/** One probe and how its attach ended. */
export interface ProbeState {
  readonly name: string
  readonly isAttached: boolean
  /** Errno name and what it usually means; null when attached. */
  readonly error: string | null
}

/** Counters of one CPU, see struct event_counters in bpf/record/event.h; index is the topic or kind number. */
export interface CpuCounters {
  readonly seq: readonly number[]
  readonly emitted: readonly number[]
  readonly dropped: readonly number[]
  readonly suppressed: readonly number[]
}

/** Options of one session. */
export interface AddonOptions {
  readonly objectPath: string
  /** Constants of the programs by name (bpf/record/knobs.bpf.h). */
  readonly rodata: Readonly<Record<string, number>>
  /** Sizes of the ring buffers by map name (bpf/record/maps.bpf.h). */
  readonly ringBytes: Readonly<Record<string, number>>
  /** Prefixes of the environment variables that are captured; `NAME=` is one whole name. */
  readonly environment: readonly string[]
  /** Folder in bpffs; empty for programs that end with the process. */
  readonly pinFolder: string
  /** Take over what is pinned there and load nothing: rodata, ringBytes and environment are ignored. */
  readonly isAdopted: boolean
  readonly ignoredPid: number
  /** Most arguments that `tasks` reads of a process, bytes. */
  readonly taskArgsBytes: number
  /** With pins: how long after `renew` the programs stop filling the rings and only count. */
  readonly noReaderMs: number
}

/** Rings by index: 0 security, 1 bulk. */
export interface AddonSession {
  probes(): ProbeState[]
  bytes(ring: number): ArrayBuffer
  /** Four doubles that `poll` writes: start offset, end offset, end position, bytes after it. */
  pollState(): ArrayBuffer
  poll(ring: number, maxBytes: number): number
  ack(ring: number, position: number): void
  arm(ring: number): boolean
  onWake(listener: () => void): void
  counters(): CpuCounters[]
  recursionMisses(): Record<string, number>
  /** One byte per kind, 0 for kinds that are not watched. */
  watchKinds(wanted: Uint8Array): void
  /** struct filter_settings of bpf/record/filters.h, and its numbers: an array of struct NumberEntry of native/src/session/live_filters.h. */
  setFilters(settings: Uint8Array, numbers: Uint8Array): void
  setPathVerdict(ticketLow: number, ticketHigh: number, isEmitted: boolean): void
  /** FILTER_MAX times KIND_MAX, all CPUs together; empty when they can't be read. */
  suppressions(): number[]
  /** struct budget_key and struct budget of each entry (bpf/record/budgets.h). @throws Error with `errno` */
  budgets(): Buffer
  /** struct unknown_call and its count of 64 bits (bpf/kernel-call/unknown_calls.h). @throws Error with `errno` */
  unknownCalls(): Buffer
  tasks(): Uint8Array
  renew(): void
  /** struct reader_state of bpf/record/reader.h. */
  readerState(): { epochUs: number; recordVersion: number }
  /** By kind, all CPUs together. */
  unread(): number[]
  detach(): void
  close(): void
}

/** The programs that count, each with its own tables: bpf/usage/NAME.bpf.c. */
export type UsageProgram = 'syscalls' | 'capabilities' | 'files' | 'tcp'

/** The counts of one interval. */
export interface UsageReading {
  /** By table: the concatenated keys and values of its entries. */
  readonly tables: Readonly<Record<string, Buffer>>
  /** What a full table refused since the load; the program defines the meaning of each number. */
  readonly overflow: readonly number[]
  /** Runs that the kernel skipped because the program was already running on that CPU. */
  readonly recursionMisses: number
}

/** A loaded program that counts while it is attached. `close` is safe at any time, and twice. */
export interface UsageTables {
  /** Starts counting, which costs CPU. Takes no capability. Safe twice. @throws Error with `errno` */
  attach(): void
  /** Stops counting; the next `turn` returns what was counted. */
  detach(): void
  /** Ends an interval and returns its counts; nothing is lost between two. One call at a time. @throws Error with `errno` */
  turn(): Promise<UsageReading>
  /** Removes an entry from a table that is never emptied. */
  forget(table: string, key: Uint8Array): void
  /** Unloads it. */
  close(): void
}

/** Options of the tables of one usage program. */
export interface AddonUsageOptions {
  readonly objectPath: string
  readonly rodata: Readonly<Record<string, number>>
  /** Most entries of tables by name. */
  readonly entries: Readonly<Record<string, number>>
}

/** A file that was resolved, not opened. */
export interface PathHandle {
  /** Opened with O_PATH; the caller closes it. */
  readonly fd: number
  /** As the kernel has it: twelve bits of the major and twenty of the minor number. */
  readonly device: number
  readonly inode: bigint
  /** Unix time, microseconds. */
  readonly ctimeUs: number
  readonly sizeBytes: number
  readonly isRegular: boolean
}

/** A process that connected to a unix socket. */
export interface SocketPeer {
  /** 0 for one that our pid namespace does not show. */
  readonly pid: number
  readonly uid: number
}

/** A user that a process of root becomes. */
export interface OtherUser {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

/** What `require` of the kernel addon returns. */
export interface Addon {
  /** LAYOUT_HASH of its headers; none of one that is older. */
  readonly layoutHash?: number
  readonly Session: new (options: AddonOptions) => AddonSession
  readonly UsageTables: new (options: AddonUsageOptions) => UsageTables
  /** Takes an exclusive lock on our own folder that ends with the process. @returns its descriptor @throws Error with `errno` */
  lockFolder(path: string): number
  /**
   * Reads a file of /proc that shows another process's memory, which may block for ever: in a helper that is ended when it does.
   * @returns null when it can't be read, undefined when that did not end in time
   */
  readGuarded(path: string, maxBytes: number, deadlineMs: number): Uint8Array | null | undefined
  /** One datagram to the service manager. @returns 0, or an errno */
  notifyService(socket: string, text: string): number
  /** native/src/process/socket_peer.h */
  socketPeer(descriptor: number): SocketPeer | undefined
  /** native/src/process/cgroup_handle.h. @returns undefined for an id that no cgroup below the mount point has */
  cgroupPath(mountPoint: string, cgroupId: bigint): string | undefined
  /** native/src/process/path_handle.h. @returns undefined for what does not exist, or would block */
  resolvePath(path: Uint8Array, root?: Uint8Array): PathHandle | undefined
  /**
   * Leaves every thread the capabilities of the mask, without a way to regain others, makes it the user, and refuses system calls that a running
   * collector does not make. @throws Error with `errno`
   */
  dropPrivileges(keep: bigint, user: OtherUser | null, mayExecute: boolean): void
}

/** A compiled expression. Its functions need no `this`. */
export interface Regex {
  /** Instructions of the program; a step for each byte of a text costs no more than this. */
  readonly programSize: number
  readonly groupCount: number
  /** Numbers of named groups. */
  readonly groupNames: Readonly<Record<string, number>>
  /** Of byte text: one character per byte, U+0000 to U+00FF. */
  readonly test: (text: string) => boolean
  /** Of the bytes from `start` to before `end`, as a text of their own. @throws TypeError for offsets outside of the array */
  readonly testBytes: (bytes: Uint8Array, start: number, end: number) => boolean
  /**
   * The first match at or after `from` in bytes that are valid UTF-8; what is before `from` is context.
   * Fills start and end of group 0 (the match), 1, and so on, as many as there is room for; -1 for a group that took no part.
   * @throws RangeError for an offset that is not 0 to 4294967295
   */
  readonly find: (bytes: Uint8Array, from: number, offsets: Int32Array) => boolean
}

/** Many expressions that one run over the text matches. */
export interface RegexSet {
  /**
   * Fills the ascending indexes of the patterns that match byte text. @param ids room for every pattern @returns how many there are
   * @throws Error when RE2 runs out of memory; a set that was compiled has enough
   */
  readonly match: (text: string, ids: Uint32Array) => number
  /** As `match`, of the bytes from `start` to before `end`. */
  readonly matchBytes: (bytes: Uint8Array, start: number, end: number, ids: Uint32Array) => number
}

/** What `require` of the addon of regular expressions returns. */
export interface RegexAddon {
  /** @throws Error with what RE2 says of the pattern */
  compileRegex(pattern: string, isWhole: boolean, maxBytes: number): Regex
  /** @throws Error that names the pattern by its index */
  compileRegexSet(patterns: readonly string[], isWhole: boolean, maxBytes: number): RegexSet
}
