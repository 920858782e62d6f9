// The running kernel as a source: polls the two mapped rings on the event loop, and sleeps when they are empty.
// Only `ack` frees a ring. Knows nothing about records but their order: the fork and exec of a process come before its opens.
import { deferred } from '../../infra/waiting/waiters.js'
import type { KernelFilters } from '../../native/kernel-control.js'
import type { KernelSession } from '../../native/rings.js'
import { RING, type BatchReceiver, type EventSource, type PinnedSource, type RingIndex, type SourceFacts } from './event-source.js'
import { RingReader } from './ring-reader.js'
import { readFileSync } from 'node:fs'
import { hostname, release } from 'node:os'

/** How the rings are read. */
export interface LiveSourceOptions {
  /** Most bytes of one ring per turn of the event loop, so that sockets and timers run. Default 512 KiB. */
  readonly turnBytes?: number
  /** Under load, the time between two polls, milliseconds; no wake-up is requested then. Default 4. */
  readonly tickMs?: number
  /**
   * A turn with more records than this is load. Default 8: then a wake-up per event would cost more than polling. 0 also gathers the few events that
   * follow one that woke the reader, which then come up to `tickMs` later.
   */
  readonly loadRecords?: number
  /** Pinned rings: `stop` leaves them to the next collector. Default true; false for rings that are drained and then removed. */
  readonly keepsEvents?: boolean
  /** Pinned rings: interval at which the reader is announced to the programs, milliseconds. Default 5,000. */
  readonly renewMs?: number
}

/** @see EventSource */
export class LiveSource implements EventSource {
  readonly facts: SourceFacts
  readonly done: Promise<void>
  readonly #session: KernelSession
  readonly #security: RingReader
  readonly #bulk: RingReader
  readonly pinned: PinnedSource | null
  readonly #renewal: NodeJS.Timeout | null
  readonly #turnBytes: number
  readonly #tickMs: number
  readonly #loadRecords: number
  #receiver: BatchReceiver | null = null
  /** Position of the security ring that must be read before the pending bulk batch; -1 for none. */
  #bulkWaitsFor = -1
  #isWaitingForRoom = false
  /** The receiver has no room for bulk. */
  #isBulkHeld = false
  /** Position up to which the security ring had been read when the oldest bulk record that is not delivered was written, or before. */
  #aheadFrom: number
  /** Bulk records before `bulk` came after security records before `written` only; those from there on, when these were read up to `read`. */
  #mark: { readonly bulk: number; readonly read: number; readonly written: number }
  #isStopping = false
  #isDone = false
  #isClosed = false
  #turn: { cancel(): void } | null = null
  #turns = 0
  #seenTurns = -1
  readonly #ended = deferred()

  constructor(session: KernelSession, facts: SourceFacts, options: LiveSourceOptions = {}) {
    this.facts = facts
    this.#session = session
    this.#security = new RingReader(session.rings[RING.security], RING.security)
    this.#bulk = new RingReader(session.rings[RING.bulk], RING.bulk)
    this.#aheadFrom = this.#security.endPosition
    this.#mark = { bulk: this.#bulk.endPosition, read: this.#aheadFrom, written: this.#aheadFrom }
    this.#turnBytes = options.turnBytes ?? 512 * 1024
    this.#tickMs = options.tickMs ?? 4
    this.#loadRecords = options.loadRecords ?? 8
    this.pinned = this.#pinnedSource(options.keepsEvents ?? true)
    this.#renewal = this.pinned === null ? null : setInterval(() => session.renew(), options.renewMs ?? 5000).unref()
    this.done = this.#ended.promise
  }

  get probes(): KernelSession['probes'] {
    return this.#session.probes
  }
  tasks(): Uint8Array {
    // The rest of older rings: the current rings report the running processes.
    if (this.pinned?.keepsEvents === false) return new Uint8Array(0)
    return this.#session.tasks()
  }
  counters(): ReturnType<KernelSession['counters']> {
    return this.#session.counters()
  }
  recursionMisses(): Readonly<Record<string, number>> {
    return this.#session.recursionMisses()
  }
  watchKinds(kinds: ReadonlySet<number>): void {
    if (!this.#isDone) this.#session.watchKinds(kinds)
  }
  setFilters(filters: KernelFilters): void {
    if (!this.#isDone) this.#session.setFilters(filters)
  }
  setPathVerdict(ticketLow: number, ticketHigh: number, isReported: boolean): void {
    this.#session.setPathVerdict(ticketLow, ticketHigh, isReported)
  }
  suppressions(): ReturnType<KernelSession['suppressions']> {
    return this.#session.suppressions()
  }
  budgets(): Buffer {
    return this.#session.budgets()
  }
  unknownCalls(): Buffer {
    return this.#session.unknownCalls()
  }
  ack(ring: RingIndex, position: number): void {
    if (!this.#isClosed) this.#reader(ring).ack(position)
  }

  start(receiver: BatchReceiver): void {
    this.#receiver = receiver
    this.#session.onWake(() => {
      if (this.#turn === null && !this.#isWaitingForRoom) this.#run()
    })
    this.#run()
  }

  resume(ring: RingIndex): void {
    if (ring === RING.bulk) this.#isBulkHeld = false
    this.#isWaitingForRoom = false
    this.#soon()
  }

  stop(): void {
    this.#isStopping = true
    // The next collector reads what was not delivered.
    if (this.pinned?.keepsEvents === true) return this.#end()
    this.#session.detach()
    if (this.#receiver === null) this.#end()
    else if (!this.#isWaitingForRoom) this.#soon()
  }

  close(): void {
    this.#end()
    if (this.#renewal !== null) clearInterval(this.#renewal)
    this.#isClosed = true
    this.#session.close()
  }

  hasProgressed(): boolean {
    // Asleep: a turn now is the proof, and reads what a lost wake-up left.
    if (this.#turn === null && !this.#isWaitingForRoom && !this.#isDone && this.#receiver !== null) this.#run()
    const has = this.#turns !== this.#seenTurns || this.#isWaitingForRoom || this.#isDone
    this.#seenTurns = this.#turns
    return has
  }

  #reader(ring: RingIndex): RingReader {
    return ring === RING.security ? this.#security : this.#bulk
  }

  #pinnedSource(keepsEvents: boolean): PinnedSource | null {
    const { pinned } = this.#session
    if (pinned === null) return null
    return {
      ...pinned,
      keepsEvents,
      ackedPosition: (ring) => this.#reader(ring).ackedPosition,
      unacked: (ring, position) => this.#reader(ring).unacked(position),
      skipTo: (ring, position) => this.#reader(ring).skipTo(position),
      isEmpty: () => this.#security.isFreed && this.#bulk.isFreed,
      unread: () => this.#session.unread(),
    }
  }

  #end(): void {
    this.#isDone = true
    this.#turn?.cancel()
    this.#turn = null
    this.#ended.resolve()
  }

  #soon(): void {
    this.#turn?.cancel()
    const immediate = setImmediate(() => this.#run())
    this.#turn = { cancel: () => clearImmediate(immediate) }
  }

  #later(): void {
    const timer = setTimeout(() => this.#run(), this.#tickMs)
    this.#turn = { cancel: () => clearTimeout(timer) }
  }

  #run(): void {
    this.#turn = null
    if (this.#isDone || this.#receiver === null) return
    try {
      this.#readOnce(this.#receiver)
      this.#turns++
    } catch (error) {
      this.#isDone = true
      this.#ended.reject(error)
    }
  }

  /**
   * Bulk is polled first and delivered last: every fork and exec before one of its opens is then in the security ring, up to its current
   * producer position, and is delivered first. While the receiver has no room for opens, the security ring is read on, for as long as the
   * processes that ended since the oldest open that waits are still known: their number is that of a full ring.
   */
  #readOnce(receiver: BatchReceiver): void {
    const bulk = this.#bulk
    const security = this.#security
    const isTooFarAhead = this.#isBulkHeld && security.endPosition - this.#aheadFrom >= security.ring.sizeBytes
    // Deliver what is pending first, so that the poll below returns the current producer position.
    if (isTooFarAhead || !this.#giveSecurity(receiver)) return void (this.#isWaitingForRoom = true)
    const hadBulk = bulk.pending !== null
    const isMarkPassed = !hadBulk && bulk.endPosition >= this.#mark.bulk
    const read = security.endPosition
    let records = bulk.poll(this.#turnBytes)
    records += security.poll(this.#turnBytes)
    const written = security.endPosition + security.bytesBehind
    if (isMarkPassed) {
      this.#aheadFrom = this.#mark.read
      this.#mark = { bulk: bulk.endPosition + bulk.bytesBehind, read, written }
    }
    if (!hadBulk && bulk.pending !== null) this.#bulkWaitsFor = bulk.endPosition <= this.#mark.bulk ? this.#mark.written : written
    if (!this.#giveSecurity(receiver)) return void (this.#isWaitingForRoom = true)
    if (this.#isBulkHeld) return this.#scheduleAhead(records)
    if (bulk.pending !== null && security.endPosition < this.#bulkWaitsFor) return this.#soon()
    if (!bulk.give(receiver)) this.#isBulkHeld = true
    // The ring of a pending batch was not polled.
    this.#schedule(hadBulk ? records + 1 : records)
  }

  #giveSecurity(receiver: BatchReceiver): boolean {
    // Asked after the poll: if this thread was kept from the CPU in between, what ended meanwhile may have opens that only came then.
    return this.#security.give(receiver, () => this.#bulk.hasMore())
  }

  #schedule(records: number): void {
    const isMoreBehind = this.#security.bytesBehind > 0 || this.#bulk.bytesBehind > this.#turnBytes / 2
    if (this.#isStopping) return this.#scheduleEnd(records)
    if (isMoreBehind && records > 0) return this.#soon()
    if (records > this.#loadRecords) return this.#later()
    if (records > 0 || !this.#security.ring.arm() || !this.#bulk.ring.arm()) this.#soon()
  }

  /** Only the security ring is read: without records, the next turn comes with its wake-up, or when there is room. */
  #scheduleAhead(records: number): void {
    if (records > this.#loadRecords) return this.#security.bytesBehind > 0 ? this.#soon() : this.#later()
    if (records > 0 || (!this.#isStopping && !this.#security.ring.arm())) this.#soon()
  }

  /** The probes are detached: no more records come, but one may still be written. */
  #scheduleEnd(records: number): void {
    if (records > 0) return this.#soon()
    if (this.#security.isEmpty && this.#bulk.isEmpty) this.#end()
    else this.#later()
  }
}

/** Facts of the running kernel. */
export function readHostFacts(possibleCpus: number): SourceFacts {
  return {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
    hostName: hostname(),
    kernelRelease: release(),
    cpus: possibleCpus,
    isLive: true,
    bootToWallUs: null,
  }
}
