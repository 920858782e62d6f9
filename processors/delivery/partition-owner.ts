// A partition of the alerts topic in the hands of the reader of one sink. It claims what is to be sent and adds its jobs, learns what is settled,
// confirms that, and keeps it with the committed offset. When the store was emptied, or lost its last changes, it writes what is settled into the
// store again, and reads on from the first alert that is not.
//
//    read -> claimed (a job has it) -> settled (confirmed)         read -> settled at once: routed elsewhere, or silenced
import { randomBytes } from 'node:crypto'
import { EunomiaError } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import type { AssignedPartition, OffsetRange } from '../../infra/topic-log/topic-log.js'
import { Waiters } from '../../infra/waiting/waiters.js'
import type { DeliveryQueue, JobAlert } from './queue/delivery-queue.js'
import { decodeMetadata, encodeMetadata } from './settlement/commit-metadata.js'
import { OffsetRanges, rangesOf } from './settlement/offset-ranges.js'
import type { OwnerView, Refusal, SettlementStore } from './settlement/settlement-store.js'

/** What it needs. */
export interface OwnerDeps {
  readonly store: SettlementStore
  readonly queue: DeliveryQueue
  readonly log: Logger
  readonly sink: string
  /** Alerts that wait for so long at the front may have lost their job, milliseconds; default 10,000. */
  readonly doubtMs?: number
}

/** The state of the store is not the one that the owner knows; the same alerts are read again. */
export class SettlementLostError extends EunomiaError {
  static override readonly code = 'EUNOMIA_SETTLEMENT_LOST'
  static override readonly isRetryable = true
}

/**
 * Another owner that is still there after so long had lost the partition when it wrote, or its state came back with an older Redis, milliseconds. One that lost the
 * partition itself learns that earlier, at a heartbeat of its group.
 */
const TAKEN_MS = 10_000
const DOUBT_MS = 10_000
const MAX_EPOCHS = 8
/** What an alert of a former owner's job counts for: its bytes are not known. */
const UNKNOWN_BYTES = 4_096

export class PartitionOwner {
  readonly #deps: OwnerDeps
  readonly #assigned: AssignedPartition
  readonly #owner = newName()
  readonly #settled = new OffsetRanges()
  readonly #claimed = new OffsetRanges()
  /** Alerts that are in groups, and wait for their message. */
  readonly #grouped = new OffsetRanges()
  /** Bytes of its own jobs. */
  #held: Held[] = []
  /** Jobs that could not be added; some may be there. The next claim takes theirs back. */
  #failed: string[] = []
  readonly #changes = new Waiters()
  #epoch = ''
  /** The latest epochs of this assignment. */
  readonly #epochs: string[] = []
  #generation = 0
  #round = 0
  #watermark: number
  #repeatsUntilMs = 0
  #takenMs: number | undefined
  /** The first alert that is claimed, and since when it is the first. */
  #first: number | undefined
  #firstMs = performance.now()
  #isLooking = false
  /** Claims are made whose jobs are not there yet. */
  #isAdding = false
  #isClosed = false

  constructor(assigned: AssignedPartition, deps: OwnerDeps) {
    this.#assigned = assigned
    this.#deps = deps
    this.#watermark = assigned.nextOffset
  }

  /** Takes the partition over, with what the store and the committed offset say. */
  async open(): Promise<void> {
    const { partition, metadata, nextOffset } = this.#assigned
    const stored = decodeMetadata(metadata, nextOffset)
    for (const [from, to] of stored?.settled ?? []) this.#settled.add(from, to)
    const state = stored === null ? null : await this.#deps.store.takeOver(partition, stored.epoch, this.#owner)
    if (stored !== null && state === null) this.#repeatsUntilMs = Date.now()
    if (stored === null || state === null) return await this.#reset()
    this.#begin(stored.epoch)
    this.#generation = state.generation
    this.#repeatsUntilMs = state.repeatsUntilMs
    // Jobs of the former owner go on; what it claimed without adding a job is free.
    const existing = await this.#deps.queue.existing([...state.claims.keys()])
    const orphans = [...state.claims.keys()].filter((id) => !existing.has(id))
    if (orphans.length > 0) await this.#change(this.#deps.store.release(this.#view, orphans))
    for (const [id, ranges] of state.claims) if (existing.has(id)) this.#inherit(ranges)
    if (state.watermark > nextOffset) this.#settled.add(nextOffset, state.watermark)
    this.#learn(state.settled)
  }

  /** With another one than before, earlier alerts are read again: what was read before that must not be queued. */
  get round(): number {
    return this.#round
  }

  get assigned(): AssignedPartition {
    return this.#assigned
  }

  /** Where the alert stands: nothing is to be done for one that is settled or claimed. */
  isNew(offset: number): boolean {
    if (offset < this.#watermark || this.#settled.has(offset)) this.#assigned.confirm(offset)
    else return !this.#claimed.has(offset) && !this.#grouped.has(offset)
    return false
  }

  /** Nothing is sent for these. */
  settle(offsets: readonly number[]): void {
    this.#learn(rangesOf(offsets))
  }

  /** Alerts up to this time may have been in messages before the store was emptied, Unix milliseconds; 0 for none. */
  get repeatsUntilMs(): number {
    return this.#repeatsUntilMs
  }

  /** The store has changes of ours, the last one with this number. With a gap, the next look must show what came in between. */
  changed({ last, count }: OwnChanges): void {
    if (last === this.#generation + count) this.#generation = last
  }

  /** They are in their groups: a message settles them. */
  grouped(offsets: readonly number[]): void {
    for (const [from, to] of rangesOf(offsets)) this.#grouped.add(from, to)
  }

  /**
   * Resolves when no alert is claimed, or at most `mostBytes` of them. With 0, the next job overtakes no other one; with more, the queue stays
   * bounded however large the alerts are.
   */
  async room(mostBytes: number, signal: AbortSignal): Promise<void> {
    const isRoom = (): boolean => this.#claimed.isEmpty || (mostBytes > 0 && this.#heldBytes() <= mostBytes)
    await this.#changes.until(() => isRoom() || this.#isClosed, signal)
  }

  #heldBytes(): number {
    this.#held = this.#held.filter(({ from, to }) => this.#claimed.hasAny(from, to))
    return this.#held.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Claims the alerts of each batch, and adds a job for it. @throws a retryable error: the alerts are to be read again */
  async enqueue(batches: readonly (readonly JobAlert[])[]): Promise<void> {
    const { partition } = this.#assigned
    const jobs = batches.map((alerts) => ({ id: `${String(partition)}-${newName()}`, partition, epoch: this.#epoch, alerts }))
    const claims = jobs.map(({ id, alerts }) => ({ jobId: id, ranges: rangesOf(alerts.map(({ offset }) => offset)) }))
    this.#isAdding = true
    try {
      await this.#change(this.#deps.store.claim(this.#view, claims, this.#failed))
      this.#failed = []
      // Before the jobs are there: a worker may settle them at once.
      for (const { ranges } of claims) for (const [from, to] of ranges) this.#claimed.add(from, to)
      for (const { alerts } of jobs) this.#held.push(heldOf(alerts))
      await this.#deps.queue.add(jobs)
    } catch (error) {
      for (const { ranges } of claims) for (const [from, to] of ranges) this.#claimed.remove(from, to)
      this.#failed.push(...claims.map(({ jobId }) => jobId))
      throw error
    } finally {
      this.#isAdding = false
    }
  }

  /** A worker of this process has settled these. @param epoch of its job: what was sent before the store was emptied is sent */
  poke(epoch: string | null, ranges: readonly OffsetRange[]): void {
    if (epoch === null || this.#epochs.includes(epoch)) this.#learn(ranges)
  }

  /** Learns what workers of other processes have settled, and whether the store still has all. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#isClosed) return
    this.#isLooking = true
    try {
      const view = this.#view
      const seen = await this.#deps.store.look(view, this.#watermark)
      if (view.epoch !== this.#epoch || this.#isClosed) return
      if (typeof seen === 'string') await this.#refused(seen)
      else {
        this.#takenMs = undefined
        if (seen !== null) {
          this.#generation = Math.max(this.#generation, seen.generation)
          this.#learn(seen.settled)
        }
        if (this.#isInDoubt()) await this.#findLostJobs()
      }
    } finally {
      this.#isLooking = false
    }
  }

  /** Stored with the next commit. Nothing is above the bound that is not settled. */
  metadata(nextOffset: number): string {
    this.#watermark = Math.max(this.#watermark, nextOffset)
    this.#settled.remove(0, this.#watermark)
    // Settled as well, though the store may forget it before it is looked at.
    this.#claimed.remove(0, this.#watermark)
    this.#grouped.remove(0, this.#watermark)
    this.#changes.wake()
    return encodeMetadata({ epoch: this.#epoch, settled: this.#settled.ranges }, nextOffset)
  }

  close(): void {
    this.#isClosed = true
    this.#changes.wake()
  }

  get #view(): OwnerView {
    return { partition: this.#assigned.partition, epoch: this.#epoch, owner: this.#owner, generation: this.#generation }
  }

  #learn(ranges: readonly OffsetRange[]): void {
    for (const [from, to] of ranges) {
      this.#settled.add(Math.max(from, this.#watermark), to)
      this.#claimed.remove(from, to)
      this.#grouped.remove(from, to)
      this.#assigned.confirm(from, to)
    }
    if (ranges.length > 0) this.#changes.wake()
  }

  /** Notes a change of our own. */
  async #change(change: Promise<number | Refusal>): Promise<void> {
    const generation = await change
    if (typeof generation === 'number') {
      return this.changed({ last: generation, count: 1 })
    }
    await this.#refused(generation)
    throw new SettlementLostError(`the settlement of sink ${this.#deps.sink} was lost or taken over`)
  }

  async #refused(refusal: Refusal): Promise<void> {
    const { log, sink } = this.#deps
    const { partition } = this.#assigned
    // Given up: the state is the next owner's.
    if (this.#isClosed) return
    if (refusal === 'taken') {
      const firstMs = (this.#takenMs ??= performance.now())
      if (performance.now() - firstMs < TAKEN_MS) return
    }
    log.warn({ sink, partition, refusal }, 'what was settled is not in the store any more: it is restored, and jobs in flight are repeated')
    this.#repeatsUntilMs = Date.now()
    await this.#reset()
    this.#readAgain()
  }

  /** Also ends waits for room: what waits there was read after what is read again. */
  #readAgain(): void {
    this.#round++
    this.#assigned.rewind()
    this.#changes.wake()
  }

  /** Jobs of a former owner. */
  #inherit(ranges: readonly OffsetRange[]): void {
    for (const [from, to] of ranges) {
      const start = Math.max(from, this.#watermark)
      if (start >= to) continue
      this.#claimed.add(start, to)
      this.#held.push({ from: start, to, bytes: (to - start) * UNKNOWN_BYTES })
    }
  }

  /** Whether the first claimed alert is the same one for long, however much others move. */
  #isInDoubt(): boolean {
    const first = this.#claimed.ranges[0]?.[0]
    if (first !== this.#first) [this.#first, this.#firstMs] = [first, performance.now()]
    return first !== undefined && !this.#isAdding && performance.now() - this.#firstMs > (this.#deps.doubtMs ?? DOUBT_MS)
  }

  /** A job was removed from the queue, or never got there: its alerts are read again. */
  async #findLostJobs(): Promise<void> {
    const { log, queue, sink, store } = this.#deps
    const { partition } = this.#assigned
    const round = this.#round
    // Only these: others may be claimed while we look.
    const missing = new OffsetRanges(this.#claimed.ranges)
    const claims = await store.claims(partition)
    const existing = await queue.existing([...claims.keys()])
    this.#firstMs = performance.now()
    const lost = [...claims].filter(([id, ranges]) => !existing.has(id) && ranges.some(([from, to]) => missing.hasAny(from, to)))
    if (lost.length > 0) await this.#change(store.release(this.#view, [...new Map(lost).keys()]))
    // A job that has just ended is gone as well, but what it settled is in the store.
    const seen = await store.look({ ...this.#view, generation: 0 }, this.#watermark)
    if (typeof seen === 'string') return await this.#refused(seen)
    this.#learn(seen?.settled ?? [])
    if (round !== this.#round || this.#isClosed) return
    const alive = [...claims].flatMap(([id, ranges]) => (existing.has(id) ? ranges : []))
    for (const [from, to] of [...alive, ...this.#settled.ranges, [0, this.#watermark] as const]) missing.remove(from, to)
    if (missing.isEmpty) return
    log.warn({ sink, partition, alerts: missing.count }, 'jobs of the sink are gone: their alerts are read again')
    for (const [from, to] of missing.ranges) this.#claimed.remove(from, to)
    this.#readAgain()
  }

  #begin(epoch: string): void {
    this.#epoch = epoch
    this.#round++
    this.#epochs.push(epoch)
    if (this.#epochs.length > MAX_EPOCHS) this.#epochs.shift()
  }

  async #reset(): Promise<void> {
    const epoch = newName()
    this.#settled.remove(0, this.#watermark)
    await this.#deps.store.reset(this.#assigned.partition, {
      epoch,
      owner: this.#owner,
      watermark: this.#watermark,
      settled: this.#settled.ranges,
      repeatsUntilMs: this.#repeatsUntilMs,
    })
    this.#begin(epoch)
    this.#generation = 1
    this.#takenMs = undefined
    this.#claimed.clear()
    this.#grouped.clear()
    this.#failed = []
    this.#changes.wake()
    this.#assigned.touch()
  }
}

/** Changes of the state of a partition. */
export interface OwnChanges {
  readonly last: number
  readonly count: number
}

/** What a job holds in the queue. */
interface Held {
  readonly from: number
  readonly to: number
  readonly bytes: number
}

function heldOf(alerts: readonly JobAlert[]): Held {
  const bytes = alerts.reduce((sum, alert) => sum + alert.bytes.length, 0)
  return { from: alerts[0]?.offset ?? 0, to: (alerts.at(-1)?.offset ?? -1) + 1, bytes }
}

function newName(): string {
  return randomBytes(9).toString('base64url')
}
