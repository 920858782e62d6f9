// Long work in short steps, with a yield after each: it is done at once, or in slices between which the event loop does other work.

/** Work of several steps. */
export type Steps<Result> = Generator<undefined, Result>

/** Runs all steps without a break. */
export function resultOf<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Longest time that a slice keeps the event loop, milliseconds, but for its longest step. */
const SLICE_MS = 10

/** Runs the steps in slices. */
export async function inSlices(steps: Steps<void>): Promise<void> {
  let untilMs = performance.now() + SLICE_MS
  while (steps.next().done !== true) {
    if (performance.now() < untilMs) continue
    await new Promise((resolve) => setImmediate(resolve))
    untilMs = performance.now() + SLICE_MS
  }
}
