// A source that delivers what a test scripts, when the test says so.
import type { BatchReceiver, EventSource, RingBatch, RingIndex, SourceFacts } from '../../../collector/source/event-source.js'

/** Facts of a made-up host. */
export const SCRIPTED_FACTS: SourceFacts = {
  bootId: 'b0071d',
  hostName: 'here',
  kernelRelease: '6.18.0',
  cpus: 2,
  isLive: true,
  bootToWallUs: null,
}

/** @see EventSource */
export class ScriptedSource implements EventSource {
  readonly facts = SCRIPTED_FACTS
  readonly probes = []
  readonly done: Promise<void>
  readonly #tasks: Uint8Array
  readonly #positions: [number, number] = [0, 0]
  #receiver: BatchReceiver = () => undefined
  #end: () => void = () => undefined

  constructor(tasks: Uint8Array = new Uint8Array(0)) {
    this.#tasks = tasks
    this.done = new Promise((resolve) => (this.#end = resolve))
  }

  /** Delivers ring records. */
  give(ring: RingIndex, bytes: Uint8Array, isAhead = false): RingBatch {
    this.#positions[ring] += bytes.length
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const batch = { ring, bytes, view, offset: 0, endOffset: bytes.length, endPosition: this.#positions[ring], isAhead }
    this.#receiver(batch)
    return batch
  }

  /** Delivers a batch again that was not completely taken. */
  again(batch: RingBatch): void {
    this.#receiver(batch)
  }

  tasks(): Uint8Array {
    return this.#tasks
  }
  start(receiver: BatchReceiver): void {
    this.#receiver = receiver
  }
  resume(): void {
    // A test delivers it again itself.
  }
  ack(): void {
    // Nothing is stored.
  }
  counters(): ReturnType<EventSource['counters']> {
    return [0, 1].map(() => ({ seq: [], emitted: [], dropped: [], suppressed: [] }))
  }
  recursionMisses(): Readonly<Record<string, number>> {
    return {}
  }
  stop(): void {
    this.#end()
  }
  close(): void {
    this.#end()
  }
}
