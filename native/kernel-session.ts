// What the addon gives to the collector: probes attached one by one, two mapped rings, counters, the processes that run.
// Types only; native/index.ts makes a session. Knows the bytes of bpf/record/event.h as spans, never their meaning.
import type { KernelFilterName, KernelFilters } from './kernel-filters.js'

/** Knobs of the BPF programs, set in rodata between open and load. */
export interface KernelKnobs {
  /** Longest captured arguments of one exec, bytes, 256..65536; default 8192. Longer ones are cut and say so. */
  readonly argsBytes: number
  /** Size of the ring for security-relevant kinds, bytes, a power of two times the page size; default 8 MiB. */
  readonly securityRingBytes: number
  /** Size of the ring for bulk kinds (opens), bytes, a power of two times the page size; default 16 MiB. */
  readonly bulkRingBytes: number
  /** Emit opens that only read. Default true. */
  readonly openReads: boolean
  /** Capture the path as given also for opens that succeed (costs a read of user memory). Default true. */
  readonly openArgument: boolean
  /** Variables that are told of the environment of an exec: whole names, or beginnings with a * behind; default none, and then it is not read. */
  readonly environmentNames: readonly string[]
  /** Leave out events of this process (thread group id in the host namespace); 0 for none. */
  readonly ignoredPid: number
}

/** One probe and how its attach ended. */
export interface ProbeState {
  readonly name: string
  readonly isAttached: boolean
  /** Errno name and what it usually means; null when attached. */
  readonly error: string | null
}

/** Committed records between two positions of a ring. Offsets are into `Ring.bytes`; positions count from the ring's creation. */
export interface RingSpan {
  /** Offset of the first record header in `Ring.bytes`. */
  startOffset: number
  /** Offset behind the last committed record; may lie in the second mapping, so records never wrap. */
  endOffset: number
  /** Position behind the last committed record; `ack(endPosition)` frees all of the span. */
  endPosition: number
  /** Bytes that the kernel produced behind `endPosition`. */
  bytesBehind: number
}

/** One ring buffer of the kernel, mapped. A record is an 8-byte ring header (u32 length with bit 31 busy and bit 30 discarded, u32) and its bytes, padded to 8. */
export interface Ring {
  readonly name: 'security' | 'bulk'
  readonly sizeBytes: number
  /** The data pages, mapped twice in a row. Read-only memory: a write ends the process with SIGSEGV. Detached by `close`. */
  readonly bytes: Uint8Array
  /** Fills `span` with what is committed behind the read position, at most about maxBytes, and moves the read position. Returns the number of records, discarded ones included. */
  poll(span: RingSpan, maxBytes: number): number
  /** Frees everything before `position` for the kernel. Positions only grow. */
  ack(position: number): void
  /** Says that the reader is about to sleep. True: the next event wakes it. False: something came meanwhile; poll again. */
  arm(): boolean
}

/** Counters of one CPU, see struct event_counters in bpf/record/event.h; index is the topic or kind number. */
export interface CpuCounters {
  readonly seq: readonly number[]
  readonly emitted: readonly number[]
  readonly dropped: readonly number[]
  readonly suppressed: readonly number[]
}

/** What is kept with the pins of a session. */
export interface PinnedState {
  /** Unix time at which rings and counters were made, microseconds. */
  readonly epochUs: number
  /** RECORD_VERSION of the programs. */
  readonly recordVersion: number
  /** An earlier process made them, and may have read some of the rings. */
  readonly isAdopted: boolean
}

/** Loaded programs with their rings. `close` is safe at any time, and twice. */
export interface KernelSession {
  readonly probes: readonly ProbeState[]
  /** Null for a session that ends with its process. */
  readonly pinned: PinnedState | null
  readonly rings: readonly [security: Ring, bulk: Ring]
  /** Calls back, on the event loop, when an armed ring got an event. One listener. */
  onWake(listener: () => void): void
  /** One entry per possible CPU. */
  counters(): readonly CpuCounters[]
  /** Misses of the programs because they were already running on that CPU (recursion), by program name. */
  recursionMisses(): Readonly<Record<string, number>>
  /**
   * Watches the system calls of these kinds (enum event_kind) and leaves all others alone, from now on; at the start all are watched. Events of kinds that
   * stay are not touched. Forks, execs, exits, cgroups, the OOM killer and operations of io_uring have hooks of their own and are always told.
   */
  watchKinds(kinds: ReadonlySet<number>): void
  /**
   * Puts other filters in the place of those before; at the start nothing is left out. What old and new tell is told in between, too. Forks, execs,
   * exits and cgroups are always told. @throws Error with `errno`: E2BIG for more than MAX_FILTER_NUMBERS numbers
   */
  setFilters(filters: KernelFilters): void
  /** Says whether the opens of a path are told, for the ticket that one of them came with (OPEN_HAS_TICKET of bpf/record/event.h). */
  judgePath(ticketLow: number, ticketHigh: number, isTold: boolean): void
  /** What each filter left out, by kind, all CPUs together. */
  suppressions(): Readonly<Record<KernelFilterName, readonly number[]>>
  /** Says that somebody reads: without it the programs of a pinned session only count after a while. */
  renew(): void
  /** Of the dropped events those that were because nobody read, by kind, all CPUs together. */
  unread(): readonly number[]
  /** Every running process as KIND_TASK records, each behind a ring header like those of a ring. Reads the task iterator. */
  tasks(): Uint8Array
  /** Detaches the probes, pinned ones too: no more events, so that the rings can be read to their end. Rings and counters stay readable. Safe twice. */
  detach(): void
  /** Lets go of everything; what is pinned stays. */
  close(): void
}
