// Waits for a condition with a deadline, by asking again and again; for starts and stops, never in the way of an event.

/** How often is asked, and how long. */
export interface DeadlineOptions {
  readonly timeoutMs: number
  readonly everyMs?: number
}

/** Resolves true as soon as `condition` gives true, false when the time is over. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, options: DeadlineOptions): Promise<boolean> {
  const end = performance.now() + options.timeoutMs
  for (;;) {
    if (await condition()) return true
    if (performance.now() >= end) return false
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 25))
  }
}
