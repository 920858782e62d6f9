// The offsets of a partition that were delivered and are not confirmed, as runs without gaps. Knows neither logs nor functions.

/** The offsets [from, to). */
interface Run {
  readonly from: number
  readonly to: number
  /** Of the first record of their batch, Unix milliseconds. */
  readonly timestampMs: number
}

/** A set of offsets that grows at its end and shrinks anywhere. */
export class UnconfirmedOffsets {
  /** In order, disjoint. */
  readonly #runs: Run[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  /** The lowest one, and the time of its batch; undefined for none. */
  get first(): { readonly offset: number; readonly timestampMs: number } | undefined {
    const [run] = this.#runs
    return run === undefined ? undefined : { offset: run.from, timestampMs: run.timestampMs }
  }

  /** Adds [from, to), all above the others. */
  add(from: number, to: number, timestampMs: number): void {
    this.#runs.push({ from, to, timestampMs })
    this.#count += to - from
  }

  /** Removes what it has of [from, to). @returns false if that is nothing */
  remove(from: number, to: number): boolean {
    const start = this.#indexAfter(from)
    let end = start
    const rest: Run[] = []
    let removed = 0
    for (let run = this.#runs[end]; run !== undefined && run.from < to; run = this.#runs[++end]) {
      const { timestampMs } = run
      if (run.from < from) rest.push({ from: run.from, to: from, timestampMs })
      if (run.to > to) rest.push({ from: to, to: run.to, timestampMs })
      removed += Math.min(run.to, to) - Math.max(run.from, from)
    }
    if (removed <= 0) return false
    this.#runs.splice(start, end - start, ...rest)
    this.#count -= removed
    return true
  }

  /** Index of the first run that ends after `offset`. */
  #indexAfter(offset: number): number {
    let [low, high] = [0, this.#runs.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#runs[middle]?.to ?? Infinity) > offset) high = middle
      else low = middle + 1
    }
    return low
  }
}
