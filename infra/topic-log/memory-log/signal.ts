// A state change that any number of waiters wait for: each wait ends with the next raise.

/** Something that happens again and again. */
export class Signal {
  #waiters: (() => void)[] = []

  /** Ends all waits that began before. */
  raise(): void {
    const waiters = this.#waiters
    if (waiters.length === 0) return
    this.#waiters = []
    for (const resolve of waiters) resolve()
  }

  /** Resolves with the next raise. */
  raised(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }
}
