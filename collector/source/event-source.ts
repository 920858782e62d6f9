// The port where kernel records enter the collector: batches of ring records as spans over bytes, acknowledged by position.
// Implemented by the live rings and by a recorded capture. Knows spans and positions, never what a record means.
import type { CpuCounters, ProbeState } from '../../native/addon.js'
import type { KernelFilterName, KernelFilters } from '../../native/kernel-control.js'
import type { PinnedState } from '../../native/rings.js'

/** The rings, by the index that batches, positions and captures use. */
export const RING = { security: 0, bulk: 1 } as const
/** One of them. */
export type RingIndex = (typeof RING)[keyof typeof RING]

/** Where the records come from. */
export interface SourceFacts {
  readonly bootId: string
  readonly hostName: string
  readonly kernelRelease: string
  /** Number of possible CPUs: header.cpu is less. */
  readonly cpus: number
  /** The records come from the running kernel: /proc and the cgroup file system match them. */
  readonly isLive: boolean
  /** Unix time minus time since boot at the recording, microseconds; null for a live source, whose clock is tracked. */
  readonly bootToWallUs: number | null
}

/**
 * Ring records in bytes[offset, endOffset), each after its 8-byte ring header. The receiver advances `offset` as it takes records. The bytes are
 * valid until the position after them is acknowledged.
 */
export interface RingBatch {
  readonly ring: RingIndex
  readonly bytes: Uint8Array
  readonly view: DataView
  offset: number
  readonly endOffset: number
  /** Position in the ring of bytes[endOffset]; the position of another offset is endPosition - (endOffset - offset). */
  readonly endPosition: number
  /** The other ring may hold older records that are delivered later. */
  readonly isAhead: boolean
}

/**
 * Takes records of a batch, starting at `offset`. A receiver that stops before `endOffset` has no room: the source waits for `resume` and passes the
 * same batch again.
 */
export type BatchReceiver = (batch: RingBatch) => void

/** Additional operations of pinned rings, which outlive the collector and were read before. */
export interface PinnedSource extends PinnedState {
  /** `stop` leaves probes and rings in place: the next collector reads the rest. */
  readonly keepsEvents: boolean
  /** Position up to which a ring is freed. */
  ackedPosition(ring: RingIndex): number
  /** The bytes from there to `position`, which were delivered before. */
  unacked(ring: RingIndex, position: number): RingSlice
  /** Frees a ring up to `position` without delivering its records. Call before `start`. @returns false when no record begins there */
  skipTo(ring: RingIndex, position: number): boolean
  /** The rings held nothing unfreed at the last poll. */
  isEmpty(): boolean
  /** Events dropped because no reader was active, by kind. */
  unread(): readonly number[]
}

/** Whole ring records in bytes[start, end). */
export interface RingSlice {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly end: number
}

/** A source of kernel records. */
export interface EventSource {
  readonly facts: SourceFacts
  readonly probes: readonly ProbeState[]
  /** Null or absent for a source that ends with the collector. */
  readonly pinned?: PinnedSource | null
  /** Every process that ran at the start, as KIND_TASK records after ring headers. */
  tasks(): Uint8Array
  /** Starts to pass batches to `receiver`. Call once. */
  start(receiver: BatchReceiver): void
  /** Continues after a receiver had no room for records of a ring. */
  resume(ring: RingIndex): void
  /** Everything of the ring before `position` is safe; its bytes may be overwritten. */
  ack(ring: RingIndex, position: number): void
  /** Restricts the probes to system calls of these kinds (KernelSession.watchKinds). Absent for a source without a kernel. */
  watchKinds?(kinds: ReadonlySet<number>): void
  /** As KernelSession. Absent for a source without a kernel. */
  setFilters?(filters: KernelFilters): void
  setPathVerdict?(ticketLow: number, ticketHigh: number, isReported: boolean): void
  /** Events that each filter suppressed, by kind. */
  suppressions?(): Readonly<Record<KernelFilterName, readonly number[]>>
  /** As KernelSession. Absent for a source without a kernel. */
  budgets?(): Buffer
  unknownCalls?(): Buffer
  /** Counters of the kernel, one entry per possible CPU. */
  counters(): readonly CpuCounters[]
  /** Runs missed because the program was already running, by program. */
  recursionMisses(): Readonly<Record<string, number>>
  /** Since the last call, the rings were polled, or wait for room. False: the source is stuck. Absent where nobody watches over it. */
  hasProgressed?(): boolean
  /** Takes no more events from the kernel, and delivers what the rings hold. Counters are readable until `close`. */
  stop(): void
  /** Resolves after the last batch: after `stop`, or at the end of a recording. Rejects when the source fails. */
  readonly done: Promise<void>
  /** Releases rings and files. All batches become invalid. */
  close(): void
}
