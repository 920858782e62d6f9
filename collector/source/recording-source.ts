// Another source with a capture beside it: what passes is also written to a file.
// Records are copied from the ring before they are handed on, because a record may be freed as soon as it was given.
import type { CaptureWriter } from './capture-writer.js'
import type { BatchReceiver, EventSource, PinnedSource, RingBatch, RingIndex, SourceFacts } from './event-source.js'

/** @see EventSource. Closes the capture with the source. */
export class RecordingSource implements EventSource {
  readonly #source: EventSource
  readonly #writer: CaptureWriter
  readonly #onFailure: (error: unknown) => void
  #hasFailed = false

  /** @param onFailure told once when the capture can't be written; the source goes on without it */
  constructor(source: EventSource, writer: CaptureWriter, onFailure: (error: unknown) => void) {
    this.#source = source
    this.#writer = writer
    this.#onFailure = onFailure
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
  tasks(): Uint8Array {
    const tasks = this.#source.tasks()
    this.#write(() => this.#writer.tasks(tasks))
    return tasks
  }
  start(receiver: BatchReceiver): void {
    // A batch for which there was no room is given again: it is written when it is seen first.
    let last: RingBatch | null = null
    this.#source.start((batch) => {
      if (batch !== last) this.#write(() => this.#writer.frame(batch.ring, batch.bytes, batch.offset, batch.endOffset))
      last = batch
      receiver(batch)
    })
  }
  watchKinds(kinds: ReadonlySet<number>): void {
    this.#source.watchKinds?.(kinds)
  }
  resume(): void {
    this.#source.resume()
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
    this.#writer.close()
  }

  #write(write: () => void): void {
    if (this.#hasFailed) return
    try {
      write()
    } catch (error) {
      this.#hasFailed = true
      this.#onFailure(error)
    }
  }
}
