// How many bytes may be read now: so many per second, and at most those of one second at once.

/** A bucket that fills by itself. */
export class ByteBudget {
  readonly #perSecond: number
  readonly #nowMs: () => number
  #left: number
  #filledAtMs: number

  constructor(perSecond: number, nowMs: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#nowMs = nowMs
    this.#left = perSecond
    this.#filledAtMs = nowMs()
  }

  /** @returns false when there are not as many; then none are taken */
  take(bytes: number): boolean {
    this.#fill()
    if (this.#left < bytes) return false
    this.#left -= bytes
    return true
  }

  /** Time until `bytes`, at most those of a second, are there; milliseconds. */
  waitMs(bytes: number): number {
    this.#fill()
    return Math.ceil((Math.max(0, Math.min(bytes, this.#perSecond) - this.#left) * 1000) / this.#perSecond)
  }

  #fill(): void {
    const now = this.#nowMs()
    this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#filledAtMs) * this.#perSecond) / 1000)
    this.#filledAtMs = now
  }
}
