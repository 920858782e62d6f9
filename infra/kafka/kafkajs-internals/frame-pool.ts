// Memory for large answers, used again and again: a new buffer of some megabytes costs a page fault for each 4 KiB of it, and the collector of garbage
// works to free it. Memory that is never given back is garbage collected.

/** New memory is a multiple of it. */
const STEP_BYTES = 256 * 1024

/** Lends memory. */
export class FramePool {
  readonly #mostFreeBytes: number
  /** The one that was given back first is first. */
  readonly #free: Buffer[] = []
  readonly #lent = new WeakSet<ArrayBufferLike>()
  #freeBytes = 0

  /** @param mostFreeBytes that are kept for later */
  constructor(mostFreeBytes: number) {
    this.#mostFreeBytes = mostFreeBytes
  }

  get freeBytes(): number {
    return this.#freeBytes
  }

  /** A buffer of this length, with any content. At most a quarter of its memory is not used, or STEP_BYTES. */
  take(bytes: number): Buffer {
    const most = bytes + Math.max(bytes >>> 2, STEP_BYTES)
    let found: Buffer | undefined
    for (const memory of this.#free) {
      if (memory.length >= bytes && memory.length <= most && memory.length < (found?.length ?? Infinity)) found = memory
    }
    if (found === undefined) found = Buffer.allocUnsafeSlow(Math.ceil(bytes / STEP_BYTES) * STEP_BYTES)
    else {
      this.#free.splice(this.#free.indexOf(found), 1)
      this.#freeBytes -= found.length
    }
    this.#lent.add(found.buffer)
    return found.subarray(0, bytes)
  }

  /** Nobody reads the memory of this view any more. Ignores what is not lent. */
  give({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer)) return
    this.#free.push(Buffer.from(buffer))
    this.#freeBytes += buffer.byteLength
    while (this.#freeBytes > this.#mostFreeBytes) this.#freeBytes -= this.#free.shift()?.length ?? this.#freeBytes
  }
}
