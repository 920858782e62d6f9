// How long to wait before the next try: twice as long each time up to a bound, with jitter so that instances don't come back in step.

/** Bounds of the waits. */
export interface BackoffOptions {
  /** First wait, milliseconds; default 50. */
  readonly firstMs?: number
  /** Longest wait, milliseconds; default 2,000: well below the time that pending events wait for what is written after an outage. */
  readonly maxMs?: number
  /** Number in [0, 1); default Math.random. */
  readonly random?: () => number
}

/** Wait before try `attempt` (1 is the first retry), milliseconds: between half and the whole of the exponential step. */
export function backoffMs(attempt: number, options: BackoffOptions = {}): number {
  const step = Math.min(options.maxMs ?? 2_000, (options.firstMs ?? 50) * 2 ** Math.min(attempt - 1, 30))
  return step * (0.5 + (options.random ?? Math.random)() / 2)
}
