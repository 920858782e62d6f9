// Frames of one size that are used again, so that publishing makes no garbage of a megabyte per batch.

/** Keeps at most `most` frames; more are left to the garbage collector. */
export class FramePool {
  readonly frameBytes: number
  readonly #most: number
  readonly #frames: Buffer[] = []

  constructor(frameBytes: number, most: number) {
    this.frameBytes = frameBytes
    this.#most = most
  }

  /** A frame of at least this size, with whatever it held before. */
  take(bytes: number): Buffer {
    if (bytes > this.frameBytes) return Buffer.allocUnsafeSlow(bytes)
    return this.#frames.pop() ?? Buffer.allocUnsafeSlow(this.frameBytes)
  }

  /** Gives a frame back that nobody reads any more. */
  give(frame: Buffer): void {
    if (frame.length === this.frameBytes && this.#frames.length < this.#most) this.#frames.push(frame)
  }
}
