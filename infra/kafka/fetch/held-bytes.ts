// The bound of a fetcher's memory. Half of it is for answers of brokers, half for unpacked records.
import { deferred } from '../../waiting/waiters.js'
import { orAborted } from '../../waiting/signals.js'

/** Bytes of an answer that several owners read in place. It is freed when all have released it. */
export class FrameLease {
  #owners = 1
  readonly #onFree: () => void

  constructor(onFree: () => void) {
    this.#onFree = onFree
  }

  retain(): void {
    this.#owners++
  }

  release(): void {
    if (--this.#owners === 0) this.#onFree()
  }
}

interface Waiting {
  readonly bytes: number
  readonly grant: () => void
}

/** Counts what is held. */
export class HeldBytes {
  readonly #mostFrames: number
  /** Most unpacked bytes, and so of one batch. */
  readonly mostUnpacked: number
  #frames = 0
  #unpacked = 0
  readonly #waiting = new Set<Waiting>()

  constructor(maxBytes: number) {
    this.#mostFrames = Math.floor(maxBytes / 2)
    this.mostUnpacked = maxBytes - this.#mostFrames
  }

  get total(): number {
    return this.#frames + this.#unpacked
  }

  /**
   * Takes room for an answer: half of what is left of one half, so that requests are large; at least a share of the other half, so that answers
   * that are kept for long never block the others. Give it back with `giveFrame`.
   * @param mostFrames how many answers there may be at once
   * @returns the bytes
   */
  takeRequest(mostFrames: number): number {
    const half = this.#mostFrames / 2
    const bytes = Math.floor(Math.max(half / mostFrames, (half - this.#frames) / 2))
    this.#frames += bytes
    return bytes
  }

  /** Replaces the room of a request by its answer. @param onFree nobody reads it any more */
  lease(requested: number, answered: number, onFree: () => void): FrameLease {
    this.#frames += answered - requested
    return new FrameLease(() => {
      this.giveFrame(answered)
      onFree()
    })
  }

  giveFrame(bytes: number): void {
    this.#frames -= bytes
  }

  /** Takes room for unpacked records, if there is room now. A batch always has room when nothing else is unpacked. */
  tryTakeUnpacked(bytes: number): boolean {
    if (this.#waiting.size > 0 || !this.#fits(bytes)) return false
    this.#unpacked += bytes
    return true
  }

  /** Waits for room, first come, first served. Only for who holds no unpacked records itself. Rejects with the reason of the signal. */
  async takeUnpacked(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.tryTakeUnpacked(bytes)) return
    const { promise, resolve } = deferred()
    const waiting = { bytes, grant: resolve }
    this.#waiting.add(waiting)
    await orAborted(promise, signal)
    if (!signal.aborted) return
    // Granted or not: it gives the room, or its place in the queue, to the others.
    if (this.#waiting.delete(waiting)) this.#grant()
    else this.giveUnpacked(bytes)
    signal.throwIfAborted()
  }

  giveUnpacked(bytes: number): void {
    this.#unpacked -= bytes
    this.#grant()
  }

  #fits(bytes: number): boolean {
    return this.#unpacked === 0 || this.#unpacked + bytes <= this.mostUnpacked
  }

  #grant(): void {
    for (const waiting of this.#waiting) {
      if (!this.#fits(waiting.bytes)) return
      this.#waiting.delete(waiting)
      this.#unpacked += waiting.bytes
      waiting.grant()
    }
  }
}
