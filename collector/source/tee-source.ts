// Wraps a source and also writes its records to a capture file, in the order in which they are handled.
// Records are copied from the ring first, because a record may be freed as soon as it is delivered.
import { type KernelFilters, mapFilters } from '../../native/kernel-control.js'
import type { AnswerRecorder } from '../recording/answer-recorder.js'
import type { CaptureWriter } from './capture-writer.js'
import type { BatchReceiver, EventSource, PinnedSource, RingBatch, RingIndex, SourceFacts } from './event-source.js'
import { framedLength } from './ring-framing.js'

const NOTHING = new Uint8Array(0)

/** Called once when a recording ends before its source. */
export interface RecordingEnd {
  /** The file has reached its bound. */
  onFull(): void
  /** Writing the file failed. */
  onFailure(error: unknown): void
}

/** @see EventSource. Closes the capture with the source. */
export class TeeSource implements EventSource {
  readonly #source: EventSource
  readonly #writer: CaptureWriter
  readonly #answers: AnswerRecorder | null
  readonly #end: RecordingEnd
  #isOver = false
  #isClosed = false
  /** Records in the file, without those of the task iterator. */
  recorded = 0
  /** Records that passed after the end of the recording. */
  leftOut = 0

  /** @param answers records the answers of the host; null for a capture of the rings only */
  constructor(source: EventSource, writer: CaptureWriter, answers: AnswerRecorder | null, end: RecordingEnd) {
    this.#source = source
    this.#writer = writer
    this.#answers = answers
    this.#end = end
  }

  get facts(): SourceFacts {
    return this.#source.facts
  }
  get probes(): EventSource['probes'] {
    return this.#source.probes
  }
  get pinned(): PinnedSource | null {
    return this.#source.pinned ?? null
  }
  get done(): Promise<void> {
    return this.#source.done
  }
  hasProgressed(): boolean {
    return this.#source.hasProgressed?.() ?? true
  }
  tasks(): Uint8Array {
    const tasks = this.#source.tasks()
    this.#write(() => this.#writer.tasks(tasks))
    return tasks
  }
  start(receiver: BatchReceiver): void {
    this.#source.start((batch) => {
      const start = batch.offset
      const records = recordsIn(batch.view, start, batch.endOffset)
      const bytes = this.#isOver ? null : Buffer.from(batch.bytes.subarray(start, batch.endOffset))
      this.#answers?.beginFrame(() => batch.offset - start)
      receiver(batch)
      // The rest is delivered again, possibly after a batch of the other ring.
      const taken = records - recordsIn(batch.view, batch.offset, batch.endOffset)
      const isRecorded = bytes !== null && this.#taken(batch, bytes.subarray(0, batch.offset - start))
      if (isRecorded) this.recorded += taken
      else this.leftOut += taken
      if (this.#isOver) this.#answers?.take()
    })
  }
  watchKinds(kinds: ReadonlySet<number>): void {
    this.#source.watchKinds?.(kinds)
  }
  setFilters(filters: KernelFilters): void {
    this.#source.setFilters?.(filters)
  }
  setPathVerdict(ticketLow: number, ticketHigh: number, isReported: boolean): void {
    this.#source.setPathVerdict?.(ticketLow, ticketHigh, isReported)
  }
  suppressions(): ReturnType<NonNullable<EventSource['suppressions']>> {
    return this.#source.suppressions?.() ?? mapFilters(() => [])
  }
  budgets(): Buffer {
    return this.#source.budgets?.() ?? Buffer.alloc(0)
  }
  unknownCalls(): Buffer {
    return this.#source.unknownCalls?.() ?? Buffer.alloc(0)
  }
  resume(ring: RingIndex): void {
    this.#source.resume(ring)
  }
  ack(ring: RingIndex, position: number): void {
    this.#source.ack(ring, position)
  }
  counters(): ReturnType<EventSource['counters']> {
    return this.#source.counters()
  }
  recursionMisses(): Readonly<Record<string, number>> {
    return this.#source.recursionMisses()
  }
  stop(): void {
    this.#source.stop()
  }
  close(): void {
    this.#source.close()
    if (this.#isClosed) return
    this.#isClosed = true
    this.#write(() => this.#writer.frame(0, NOTHING, 0, 0, false, this.#answers?.take()))
    this.#writer.close()
  }

  #taken(batch: RingBatch, bytes: Uint8Array): boolean {
    const isAhead = batch.isAhead || batch.offset < batch.endOffset
    const answers = bytes.length > 0 ? this.#answers?.take() : []
    return this.#write(() => this.#writer.frame(batch.ring, bytes, 0, bytes.length, isAhead, answers))
  }

  /** @returns false when the write failed; then nothing is written any more */
  #write(write: () => boolean): boolean {
    if (this.#isOver) return false
    try {
      this.#isOver = !write()
      if (this.#isOver) this.#end.onFull()
    } catch (error) {
      this.#isOver = true
      this.#end.onFailure(error)
    }
    return !this.#isOver
  }
}

function recordsIn(view: DataView, start: number, end: number): number {
  let records = 0
  for (let at = start; at < end; at += framedLength(view.getUint32(at, true))) records++
  return records
}
