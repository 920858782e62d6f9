// A set of offsets as ranges without gaps. Knows nothing of who uses it.
import type { OffsetRange } from '../../../infra/topic-log/topic-log.js'

/** A set of offsets; ranges that touch are one. */
export class OffsetRanges {
  /** In order; between two of them is at least one offset. */
  #ranges: OffsetRange[] = []

  constructor(ranges: Iterable<OffsetRange> = []) {
    for (const [from, to] of ranges) this.add(from, to)
  }

  get ranges(): readonly OffsetRange[] {
    return this.#ranges
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0
  }

  /** Number of offsets. */
  get count(): number {
    return this.#ranges.reduce((sum, [from, to]) => sum + to - from, 0)
  }

  has(offset: number): boolean {
    return this.hasAny(offset, offset + 1)
  }

  /** Whether it has an offset from the first up to, but not including, the second. */
  hasAny(from: number, to: number): boolean {
    const range = this.#ranges[this.#indexEndingAfter(from)]
    return range !== undefined && range[0] < to
  }

  add(from: number, to: number): void {
    if (from >= to) return
    // The first range that ends at `from` or later touches it.
    const start = this.#indexEndingAfter(from - 1)
    let end = start
    let [first, last] = [from, to]
    for (let range = this.#ranges[end]; range !== undefined && range[0] <= to; range = this.#ranges[++end]) {
      first = Math.min(first, range[0])
      last = Math.max(last, range[1])
    }
    this.#ranges.splice(start, end - start, [first, last])
  }

  remove(from: number, to: number): void {
    if (from >= to) return
    const start = this.#indexEndingAfter(from)
    let end = start
    const rest: OffsetRange[] = []
    for (let range = this.#ranges[end]; range !== undefined && range[0] < to; range = this.#ranges[++end]) {
      if (range[0] < from) rest.push([range[0], from])
      if (range[1] > to) rest.push([to, range[1]])
    }
    this.#ranges.splice(start, end - start, ...rest)
  }

  clear(): void {
    this.#ranges = []
  }

  /** Index of the first range with an offset above `offset`. */
  #indexEndingAfter(offset: number): number {
    let [low, high] = [0, this.#ranges.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ranges[middle]?.[1] ?? Infinity) > offset) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** The ranges of increasing offsets. */
export function rangesOf(offsets: readonly number[]): OffsetRange[] {
  const ranges: [number, number][] = []
  for (const offset of offsets) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === offset) last[1]++
    else ranges.push([offset, offset + 1])
  }
  return ranges
}
