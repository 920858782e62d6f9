// A partition of the alerts topic in the hands of the reader of one sink. It claims what is to be sent and adds its jobs, learns what is settled,
// confirms that, and keeps it with the committed offset. When the store was emptied, or lost its last changes, it writes what is settled into the
// store again, and reads on from the first alert that is not.
//
//    read -> claimed (a job has it) -> settled (confirmed)         read -> settled at once: routed elsewhere, or silenced
import { randomBytes } from 'node:crypto'
import { EunomiaError, messageOf } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import type { AssignedPartition, OffsetRange } from '../../infra/topic-log/topic-log.js'
import { Waiters } from '../../infra/waiting/waiters.js'
import { orAborted } from '../../infra/waiting/signals.js'
import type { DeliveryQueue, JobAlert } from './queue/delivery-queue.js'
import { decodeMetadata, encodeMetadata } from './settlement/commit-metadata.js'
import { OffsetRanges, rangesOf } from './settlement/offset-ranges.js'
import type { Claim, OwnerView, Refusal, SettlementStore } from './settlement/settlement-store.js'

/** What it needs. */
export interface OwnerDeps {
  readonly store: SettlementStore
  readonly queue: DeliveryQueue
  readonly log: Logger
  readonly sink: string
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
/** Claims that do not change for so long may have lost their job, milliseconds. */
const DOUBT_MS = 10_000
const MAX_EPOCHS = 8

export class PartitionOwner {
  readonly #deps: OwnerDeps
  readonly #assigned: AssignedPartition
  readonly #owner = newName()
  readonly #settled = new OffsetRanges()
  readonly #claimed = new OffsetRanges()
  /** Alerts that are in groups, and wait for their message. */
  readonly #grouped = new OffsetRanges()
  /** Bytes of its own jobs. */
  #held: ReturnType<typeof heldOf>[] = []
  readonly #changes = new Waiters()
  #epoch = ''
  /** The latest epochs of this assignment. */
  readonly #epochs: string[] = []
  #generation = 0
  #watermark: number
  #repeatsUntilMs = 0
  #takenMs: number | undefined
  #movedMs = performance.now()
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
    // Jobs of the former owner go on; what it claimed without adding a job is free.
    const existing = await this.#deps.queue.existing([...state.claims.keys()])
    const orphans = [...state.claims.keys()].filter((id) => !existing.has(id))
    if (orphans.length > 0) await this.#change(this.#deps.store.release(this.#view, orphans))
    for (const [id, ranges] of state.claims) if (existing.has(id)) for (const [from, to] of ranges) this.#claimed.add(from, to)
    if (state.watermark > nextOffset) this.#settled.add(nextOffset, state.watermark)
    this.#learn(state.settled)
  }

  /** Of the store. With another one than before, earlier alerts are read again. */
  get epoch(): string {
    return this.#epoch
  }

  get assigned(): AssignedPartition {
    return this.#assigned
  }

  /** Where the alert stands: nothing is to be done for one that is settled or claimed. */
  isNew(offset: number): boolean {
    if (this.#settled.has(offset)) this.#assigned.confirm(offset)
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
    await orAborted(
      this.#changes.until(() => isRoom() || this.#isClosed),
      signal,
    )
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
      await this.#change(this.#deps.store.claim(this.#view, claims))
      // Before the jobs are there: a worker may settle them at once.
      for (const { ranges } of claims) for (const [from, to] of ranges) this.#claimed.add(from, to)
      for (const { alerts } of jobs) this.#held.push(heldOf(alerts))
      await this.#deps.queue.add(jobs).catch(async (error: unknown) => await this.#takeBack(claims, error))
    } finally {
      this.#isAdding = false
      this.#movedMs = performance.now()
    }
  }

  /** Some of the jobs may be there: one without a claim does nothing. */
  async #takeBack(claims: readonly Claim[], error: unknown): Promise<never> {
    for (const { ranges } of claims) for (const [from, to] of ranges) this.#claimed.remove(from, to)
    await this.#change(
      this.#deps.store.release(
        this.#view,
        claims.map(({ jobId }) => jobId),
      ),
    )
    throw error
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
        if (!this.#claimed.isEmpty && !this.#isAdding && performance.now() - this.#movedMs > DOUBT_MS) await this.#findLostJobs()
      }
    } finally {
      this.#isLooking = false
    }
  }

  /** Stored with the next commit. Nothing is above the bound that is not settled. */
  metadata(nextOffset: number): string {
    this.#watermark = Math.max(this.#watermark, nextOffset)
    this.#settled.remove(0, this.#watermark)
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
    if (ranges.length === 0) return
    this.#movedMs = performance.now()
    this.#changes.wake()
  }

  /** Notes a change of our own. */
  async #change(change: Promise<number | Refusal>): Promise<void> {
    const generation = await change
    if (typeof generation === 'number') {
      this.#generation = Math.max(this.#generation, generation)
      return
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
    await this.#reset()
    this.#repeatsUntilMs = Date.now()
    this.#assigned.rewind()
  }

  /** A job was removed from the queue, or never got there: its alerts are read again. */
  async #findLostJobs(): Promise<void> {
    const { log, queue, sink, store } = this.#deps
    const claims = await store.claims(this.#assigned.partition)
    const existing = await queue.existing([...claims.keys()])
    this.#movedMs = performance.now()
    const lost = [...claims].filter(([id]) => !existing.has(id))
    const isHeld = new OffsetRanges([...claims.values()].flat())
    const isWhole = this.#claimed.ranges.every(([from, to]) => isHeld.ranges.some(([first, last]) => first <= from && to <= last))
    if (lost.length === 0 && isWhole) return
    log.warn({ sink, partition: this.#assigned.partition, jobs: lost.length }, 'jobs of the sink are gone: their alerts are read again')
    await this.#change(
      store.release(
        this.#view,
        lost.map(([id]) => id),
      ),
    ).catch((error: unknown) => log.debug({ sink, error: messageOf(error) }, 'the claims of lost jobs could not be released'))
    this.#claimed.clear()
    for (const [id, ranges] of claims) if (existing.has(id)) for (const [from, to] of ranges) this.#claimed.add(from, to)
    this.#assigned.rewind()
  }

  #begin(epoch: string): void {
    this.#epoch = epoch
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
    })
    this.#begin(epoch)
    this.#generation = 1
    this.#takenMs = undefined
    this.#claimed.clear()
    this.#grouped.clear()
    this.#changes.wake()
    this.#assigned.touch()
  }
}

function heldOf(alerts: readonly JobAlert[]): { readonly from: number; readonly to: number; readonly bytes: number } {
  const bytes = alerts.reduce((sum, alert) => sum + alert.bytes.length, 0)
  return { from: alerts[0]?.offset ?? 0, to: (alerts.at(-1)?.offset ?? -1) + 1, bytes }
}

function newName(): string {
  return randomBytes(9).toString('base64url')
}
