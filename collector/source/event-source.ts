// The port where kernel records enter the collector: batches of ring records as spans over bytes, given back by position.
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
  /** Possible CPUs: header.cpu is below it. */
  readonly cpus: number
  /** The records are of the kernel that runs now: /proc and the cgroup file system belong to them. */
  readonly isLive: boolean
  /** Unix time minus time since boot, microseconds, at the recording; null for a live source, whose clock is followed. */
  readonly bootToWallUs: number | null
}

/**
 * Ring records in bytes[offset, endOffset), each behind its 8-byte ring header. The receiver moves `offset` on as it takes records; the bytes are
 * valid until the position behind them is acknowledged.
 */
export interface RingBatch {
  readonly ring: RingIndex
  readonly bytes: Uint8Array
  readonly view: DataView
  offset: number
  readonly endOffset: number
  /** Position in the ring of bytes[endOffset]; the position of another offset is endPosition - (endOffset - offset). */
  readonly endPosition: number
  /** The other ring may hold records that are older than these and are given later. */
  readonly isAhead: boolean
}

/**
 * Takes records of a batch, from its `offset` on. One that stops before `endOffset` has no room: the source waits for `resume` and then gives the
 * same batch again.
 */
export type BatchReceiver = (batch: RingBatch) => void

/** What a source of pinned rings can do besides: they outlive the collector, and were read before. */
export interface PinnedSource extends PinnedState {
  /** `stop` leaves probes and rings as they are: what is not read stays there for the next collector. */
  readonly keepsEvents: boolean
  /** Position up to which a ring is freed. */
  ackedPosition(ring: RingIndex): number
  /** The bytes from there to `position`, which were given before. */
  unacked(ring: RingIndex, position: number): RingSlice
  /** Frees a ring up to `position` without giving what stands there. Before `start`. @returns false when no record begins there */
  skipTo(ring: RingIndex, position: number): boolean
  /** Nothing is in the rings that is not freed, as of the last look. */
  isEmpty(): boolean
  /** Of the dropped events those that were because nobody read, by kind. */
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
  /** Null or absent for one that ends with the collector. */
  readonly pinned?: PinnedSource | null
  /** Every process that ran at the start, as KIND_TASK records behind ring headers. */
  tasks(): Uint8Array
  /** Gives batches to `receiver` from now on. Once. */
  start(receiver: BatchReceiver): void
  /** Goes on after a receiver had no room. */
  resume(): void
  /** Everything of the ring before `position` is safe; its bytes may be written over. */
  ack(ring: RingIndex, position: number): void
  /** Watches system calls of these kinds only, from now on (KernelSession.watchKinds); not there where no kernel can be told. */
  watchKinds?(kinds: ReadonlySet<number>): void
  /** As KernelSession; not there where no kernel can be told. */
  setFilters?(filters: KernelFilters): void
  judgePath?(ticketLow: number, ticketHigh: number, isTold: boolean): void
  /** What each filter left out, by kind. */
  suppressions?(): Readonly<Record<KernelFilterName, readonly number[]>>
  /** Counters of the kernel, one entry per possible CPU. */
  counters(): readonly CpuCounters[]
  /** Misses of programs because they were already running, by program. */
  recursionMisses(): Readonly<Record<string, number>>
  /** Takes no more events from the kernel, and gives what the rings hold. Counters stay readable until `close`. */
  stop(): void
  /** Resolves when the last batch was given: after `stop`, or at the end of a recording. Rejects when the source failed. */
  readonly done: Promise<void>
  /** Lets go of rings and files; batches that were given are invalid from here on. */
  close(): void
}
