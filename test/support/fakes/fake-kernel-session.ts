// A kernel session whose rings a test fills: positions, back-pressure and wake-ups behave as kernel-session.ts says.
import type { CpuCounters } from '../../../native/addon.js'
import { type KernelFilters, NO_FILTERS, mapFilters } from '../../../native/kernel-control.js'
import type { KernelSession, PinnedState, Ring, RingSpan } from '../../../native/rings.js'
import { ringBytes } from '../records/ring-records.js'

/** One ring of committed records. */
export class FakeRing implements Ring {
  readonly name: 'security' | 'bulk'
  readonly sizeBytes = 1024 * 1024
  readonly bytes = new Uint8Array(2 * 1024 * 1024)
  produced = 0
  read = 0
  acked = 0
  isArmed = false
  armings = 0
  /** Runs when the ring is polled, before it looks: what "the kernel" does meanwhile. */
  onPoll: () => void = () => undefined
  #starts: number[] = []

  constructor(name: 'security' | 'bulk') {
    this.name = name
  }

  /** Commits a record. */
  commit(record: Uint8Array): void {
    const framed = ringBytes([record])
    // Both mappings show the same pages.
    framed.forEach((byte, index) => {
      const at = (this.produced + index) % this.sizeBytes
      this.bytes[at] = byte
      this.bytes[at + this.sizeBytes] = byte
    })
    this.#starts.push(this.produced)
    this.produced += framed.length
  }

  poll(span: RingSpan, maxBytes: number): number {
    this.onPoll()
    let records = 0
    const start = this.read
    while (this.#starts.length > 0 && this.read - start < maxBytes) {
      this.#starts.shift()
      this.read = this.#starts[0] ?? this.produced
      records++
    }
    span.startOffset = start % this.sizeBytes
    span.endOffset = span.startOffset + (this.read - start)
    span.endPosition = this.read
    span.bytesBehind = this.produced - this.read
    return records
  }

  ack(position: number): void {
    this.acked = position
  }

  arm(): boolean {
    this.armings++
    this.isArmed = this.produced === this.read
    return this.isArmed
  }
}

/** @see KernelSession */
export class FakeKernelSession implements KernelSession {
  readonly probes = []
  pinned: PinnedState | null = null
  renewals = 0
  readonly security = new FakeRing('security')
  readonly bulk = new FakeRing('bulk')
  readonly rings = [this.security, this.bulk] as const
  isClosed = false
  isDetached = false
  /** Kinds that were asked for last; null before. */
  watched: ReadonlySet<number> | null = null
  /** Filters that were set last. */
  filters: KernelFilters = NO_FILTERS
  /** Verdicts on paths, as they were given. */
  readonly pathVerdicts: [ticketLow: number, ticketHigh: number, isEmitted: boolean][] = []
  wake: () => void = () => undefined

  onWake(listener: () => void): void {
    this.wake = listener
  }
  setFilters(filters: KernelFilters): void {
    this.filters = filters
  }
  setPathVerdict(...verdict: [ticketLow: number, ticketHigh: number, isEmitted: boolean]): void {
    this.pathVerdicts.push(verdict)
  }
  suppressions(): ReturnType<KernelSession['suppressions']> {
    return mapFilters(() => [])
  }
  counters(): readonly CpuCounters[] {
    return []
  }
  recursionMisses(): Readonly<Record<string, number>> {
    return {}
  }
  watchKinds(kinds: ReadonlySet<number>): void {
    this.watched = kinds
  }

  renew(): void {
    this.renewals++
  }
  unread(): readonly number[] {
    return []
  }
  budgets(): Buffer {
    return Buffer.alloc(0)
  }
  unknownCalls(): Buffer {
    return Buffer.alloc(0)
  }
  tasks(): Uint8Array {
    return new Uint8Array(0)
  }
  detach(): void {
    this.isDetached = true
  }
  close(): void {
    this.isClosed = true
  }
}
