// A partition whose offsets are committed by confirmations: what is read and what is finished are two positions. The committed offset is below
// everything that is not confirmed. Both logs use it; it reads and writes nothing itself.
//
//    committed <= first not confirmed <= position (read up to here) <= end of the log
import { Backoff } from '../waiting/backoff.js'
import { within } from '../waiting/clock.js'
import { orAborted } from '../waiting/signals.js'
import { Waiters } from '../waiting/waiters.js'
import { BatchHead } from './batch-head.js'
import {
  type AssignedPartition,
  type DeferredCommits,
  type FinishedStep,
  MOST_METADATA_BYTES,
  type OffsetRange,
  type OutputRecord,
  type RecordBatch,
} from './topic-log.js'
import type { TopicKey } from './topics.js'
import { UnconfirmedOffsets } from './unconfirmed-offsets.js'

const DEFAULT_UNCONFIRMED = 10_000
/** How long the owner may take to confirm the last records when the partition is given away. */
const END_MS = 3_000
/** Pauses after the owner failed to take the partition, milliseconds. */
const ASSIGN_MS = 50
const MOST_ASSIGN_MS = 2_000
/** Reading that has paused continues when not more than this part of the most records is unconfirmed. */
const ROOM_PART = 0.9

/** An offset, and what the owner stores with it. */
export interface DeferredCommit {
  /** Of the next record. */
  readonly offset: number
  readonly metadata: string
}

/** Where it starts. */
export interface DeferredStart {
  readonly topic: TopicKey
  readonly partition: number
  readonly nextOffset: number
  readonly metadata: string
  /** The group has this offset already. */
  readonly isCommitted: boolean
}

/** How its log commits. */
export interface DeferredSink {
  /** Commits it soon. */
  commit(commit: DeferredCommit): void
  /** Commits it and the outputs in one step, or neither. @returns false if that can't be any more */
  finish(commit: DeferredCommit, outputs: readonly OutputRecord[]): Promise<boolean>
  /** Confirmations of this time are committed together, milliseconds. */
  readonly everyMs: number
  /** Reading must continue at `rewound`, as soon as no batch is handled; now, if it waits for records. */
  rewind(): void
}

export class DeferredPartition implements AssignedPartition {
  readonly topic: TopicKey
  readonly partition: number
  readonly nextOffset: number
  readonly metadata: string
  readonly #options: DeferredCommits
  readonly #sink: DeferredSink
  readonly #unconfirmed = new UnconfirmedOffsets()
  readonly #changes = new Waiters()
  #position: number
  #last: DeferredCommit
  /** The metadata of the next commit are too long: it waits, and so does reading. */
  #isTooLong = false
  #isRewinding = false
  #isClosed = false
  /** Its owner has it. */
  #isAssigned = false
  #timer: NodeJS.Timeout | undefined
  /** Resolves when the step under way has ended. */
  #finishing: Promise<unknown> | undefined

  constructor(options: DeferredCommits, { topic, partition, nextOffset, metadata, isCommitted }: DeferredStart, sink: DeferredSink) {
    this.topic = topic
    this.partition = partition
    this.nextOffset = nextOffset
    this.metadata = metadata
    this.#options = options
    this.#sink = sink
    this.#position = nextOffset
    this.#last = isCommitted ? { offset: nextOffset, metadata } : { offset: -1, metadata: '' }
    if (!isCommitted) this.#changed()
  }

  /** Passes it to its owner, however often that fails; resolves when the owner has it, or with the signal. The owner reports failures. */
  async assign(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(ASSIGN_MS, MOST_ASSIGN_MS)
    while (!this.#isAssigned && !signal.aborted) {
      try {
        await orAborted(this.#assignOnce(), signal)
      } catch {
        await backoff.wait(signal)
      }
    }
  }

  async #assignOnce(): Promise<void> {
    await this.#options.assigned(this)
    if (this.#isClosed) await this.#ended(true)
    else this.#isAssigned = true
  }

  get unconfirmed(): number {
    return this.#unconfirmed.count
  }

  confirm(from: number, to = from + 1): void {
    if (!this.#isClosed && this.#unconfirmed.remove(from, to)) this.#changed()
  }

  async finish({ nextOffset, metadata, outputs }: FinishedStep): Promise<boolean> {
    if (this.#isClosed) return false
    if (this.#finishing !== undefined) throw new RangeError('a step of this partition is still under way')
    if (!(nextOffset > this.#last.offset && nextOffset <= this.#position))
      throw new RangeError(`${String(nextOffset)} is not above ${String(this.#last.offset)}, or not delivered`)
    const step = this.#sink.finish({ offset: nextOffset, metadata }, outputs)
    this.#finishing = step.catch(() => undefined)
    try {
      if (!(await step)) return false
      this.#unconfirmed.remove(0, nextOffset)
      this.committed({ offset: nextOffset, metadata })
      return true
    } finally {
      this.#finishing = undefined
      if (!this.#isClosed) this.#changed()
    }
  }

  touch(): void {
    if (!this.#isClosed) this.#changed()
  }

  rewind(): void {
    if (this.#isClosed) return
    this.#isRewinding = true
    this.#changes.wake()
    this.#sink.rewind()
  }

  /** What is read from now on must not be delivered: continue at `rewound`. */
  get isRewinding(): boolean {
    return this.#isRewinding
  }

  /** Where to continue. */
  rewound(): number {
    this.#isRewinding = false
    const offset = this.#unconfirmed.first?.offset ?? this.#position
    this.advance(offset)
    return offset
  }

  /** Nothing more may be read until something is confirmed. */
  get isFull(): boolean {
    return !this.#isClosed && !this.#isRewinding && (this.#isTooLong || this.#unconfirmed.count >= this.#most)
  }

  /** Resolves when there is room for more than a few records, so that not each confirmation ends in a batch of one. */
  async room(): Promise<void> {
    await this.#changes.until(
      () => !this.isFull && (this.#isClosed || this.#isRewinding || this.#unconfirmed.count <= this.#most * ROOM_PART),
    )
  }

  /** The first record that is not confirmed, and the time of its batch; undefined for none. */
  get first(): { readonly offset: number; readonly timestampMs: number } | undefined {
    return this.#unconfirmed.first
  }

  /** The records of a batch that are delivered now: as many as there is room for, which is some. Then `advance` says which of them were taken. */
  deliver(batch: RecordBatch): RecordBatch {
    const room = Math.max(1, this.#most - this.#unconfirmed.count)
    const head = batch.length <= room ? batch : new BatchHead(batch, room)
    head.rewind()
    if (!head.next()) return head
    const { timestampMs } = head
    if (head.lastOffset - head.firstOffset + 1 === head.length) this.#unconfirmed.add(head.firstOffset, head.lastOffset + 1, timestampMs)
    else {
      let from = head.offset
      let to = from + 1
      while (head.next()) {
        if (head.offset !== to) {
          this.#unconfirmed.add(from, to, timestampMs)
          from = head.offset
        }
        to = head.offset + 1
      }
      this.#unconfirmed.add(from, to, timestampMs)
    }
    head.rewind()
    return head
  }

  /** Reading continues there: what was delivered from there on was not taken. @param confirmed these need no confirmation of the owner */
  advance(position: number, confirmed: readonly OffsetRange[] = []): void {
    for (const [from, to] of confirmed) this.#unconfirmed.remove(from, to)
    this.#unconfirmed.remove(position, Infinity)
    this.#position = position
    if (!this.#isClosed) this.#changed()
  }

  /** What may be committed now. */
  get due(): DeferredCommit {
    // Redelivered records are unconfirmed again, but the committed offset never goes back.
    const offset = Math.max(this.#unconfirmed.first?.offset ?? this.#position, this.#last.offset)
    const metadata = this.#options.metadata?.(this, offset) ?? ''
    const wasTooLong = this.#isTooLong
    this.#isTooLong = Buffer.byteLength(metadata) > MOST_METADATA_BYTES
    if (wasTooLong !== this.#isTooLong) this.#changes.wake()
    return this.#isTooLong ? this.#last : { offset, metadata }
  }

  /** Commits what is due, if that is something else than before. */
  commit(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#isClosed || this.#finishing !== undefined) return
    const { due } = this
    if (due.offset < 0 || (due.offset === this.#last.offset && due.metadata === this.#last.metadata)) return
    this.committed(due)
    this.#sink.commit(due)
  }

  /** It is committed, or will be. */
  committed(commit: DeferredCommit): void {
    this.#last = commit
  }

  /** These offsets will not be delivered. */
  skipped(offsets: OffsetRange, reason: 'expired' | 'damaged'): void {
    if (this.#isAssigned && !this.#isClosed) this.#options.skipped?.(this, offsets, reason)
  }

  /**
   * Ends the assignment. Unless the partition is lost, confirmations of the next few seconds are still committed. An owner whose `assigned` has not
   * resolved gets no `ended`; if it resolves later, it gets `ended` with `isLost`.
   */
  async end(isLost: boolean): Promise<void> {
    if (isLost || !this.#isAssigned) this.close()
    if (!this.#isAssigned) return
    this.#isAssigned = false
    await this.#ended(isLost)
    await this.#finishing
    this.commit()
    this.close()
  }

  async #ended(isLost: boolean): Promise<void> {
    const ended = Promise.resolve().then(() => this.#options.ended(this, isLost))
    await within(END_MS, ended).catch(() => false)
  }

  /** From now on nothing is committed. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#changes.wake()
  }

  get #most(): number {
    return this.#options.maxUnconfirmed ?? DEFAULT_UNCONFIRMED
  }

  #changed(): void {
    this.#changes.wake()
    this.#timer ??= setTimeout(() => this.commit(), this.#sink.everyMs)
  }
}
