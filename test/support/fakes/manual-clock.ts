// A clock that a test advances. Sleepers wake when it has advanced far enough, or when their signal is aborted.
import type { Clock } from '../../../infra/waiting/clock.js'

interface Sleeper {
  readonly untilUs: number
  readonly wake: () => void
}

/** Time by hand. */
export class ManualClock implements Clock {
  readonly #sleepers = new Set<Sleeper>()
  readonly #waiters: (() => void)[] = []
  #nowUs: number

  constructor(nowUs = 1_800_000_000_000_000) {
    this.#nowUs = nowUs
  }

  nowUs(): number {
    return this.#nowUs
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || ms <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        untilUs: this.#nowUs + ms * 1000,
        wake: () => {
          this.#sleepers.delete(sleeper)
          signal.removeEventListener('abort', sleeper.wake)
          resolve()
        },
      }
      this.#sleepers.add(sleeper)
      signal.addEventListener('abort', sleeper.wake)
      for (const resolveWaiter of this.#waiters.splice(0)) resolveWaiter()
    })
  }

  /** Resolves as soon as somebody sleeps. */
  async sleeping(): Promise<void> {
    if (this.#sleepers.size > 0) return
    await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  /** Advances the clock and wakes the sleepers that are due. */
  advance(ms: number): void {
    this.#nowUs += ms * 1000
    for (const sleeper of [...this.#sleepers]) if (sleeper.untilUs <= this.#nowUs) sleeper.wake()
  }

  /** Advances the clock from sleep to sleep until `work` settles; every sleep then takes exactly its time. */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let isSettled = false
    const settled = work.then(
      () => void (isSettled = true),
      () => void (isSettled = true),
    )
    while (!isSettled) {
      await Promise.race([this.sleeping(), settled])
      const next = Math.min(...[...this.#sleepers].map(({ untilUs }) => untilUs))
      if (Number.isFinite(next)) this.advance((next - this.#nowUs) / 1000)
    }
    return work
  }
}
