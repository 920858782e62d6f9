// One ring of a live source: the polled batch, and the position up to which the ring is freed. Knows positions, not records.
import type { Ring, RingSpan } from '../../native/rings.js'
import type { BatchReceiver, RingBatch, RingIndex, RingSlice } from './event-source.js'

/** One ring with its pending batch. */
export class RingReader {
  readonly ring: Ring
  readonly #index: RingIndex
  readonly #view: DataView
  readonly #span: RingSpan = { startOffset: 0, endOffset: 0, endPosition: 0, bytesBehind: 0 }
  pending: (RingBatch & { isAhead: boolean }) | null = null
  /** Position up to which the ring is freed. */
  ackedPosition: number

  constructor(ring: Ring, index: RingIndex) {
    this.ring = ring
    this.#index = index
    this.#view = new DataView(ring.bytes.buffer, ring.bytes.byteOffset, ring.bytes.byteLength)
    // Reads the consumer position, which is not 0 for a ring that was read before.
    ring.poll(this.#span, 0)
    this.ackedPosition = this.#span.endPosition
  }

  get endPosition(): number {
    return this.#span.endPosition
  }
  get bytesBehind(): number {
    return this.#span.bytesBehind
  }
  get isEmpty(): boolean {
    return this.pending === null && this.bytesBehind === 0
  }

  /** Everything read is freed, and nothing more was in the ring. */
  get isFreed(): boolean {
    return this.isEmpty && this.ackedPosition === this.endPosition
  }

  /** Whether the ring holds more by now. */
  hasMore(): boolean {
    if (this.isEmpty) this.ring.poll(this.#span, 0)
    return !this.isEmpty
  }

  /** Polls unless a batch is pending. @returns number of records found */
  poll(maxBytes: number): number {
    if (this.pending !== null) return 0
    const span = this.#span
    const records = this.ring.poll(span, maxBytes)
    if (records > 0) {
      const { startOffset: offset, endOffset, endPosition } = span
      this.pending = { ring: this.#index, bytes: this.ring.bytes, view: this.#view, offset, endOffset, endPosition, isAhead: false }
    }
    return records
  }

  /** @param isAhead see RingBatch @returns true when the receiver took the whole batch, or there is none */
  give(receiver: BatchReceiver, isAhead: () => boolean = () => false): boolean {
    if (this.pending === null) return true
    this.pending.isAhead = isAhead()
    receiver(this.pending)
    if (this.pending.offset < this.pending.endOffset) return false
    this.pending = null
    return true
  }

  /** Frees everything before `position`. */
  ack(position: number): void {
    this.ring.ack(position)
    if (position > this.ackedPosition) this.ackedPosition = position
  }

  /** The polled bytes between the freed part and `position`. */
  unacked(position: number): RingSlice {
    const start = this.ackedPosition % this.ring.sizeBytes
    return { bytes: this.ring.bytes, view: this.#view, start, end: start + Math.max(0, position - this.ackedPosition) }
  }

  /** Skips records that are safe already. @returns false, without a change, when `position` is not in the ring */
  skipTo(position: number): boolean {
    const span = this.#span
    const wanted = position - span.endPosition
    if (wanted < 0 || wanted > span.bytesBehind) return wanted <= 0
    if (wanted > 0) this.ring.poll(span, wanted)
    this.ack(span.endPosition)
    return span.endPosition === position
  }
}
