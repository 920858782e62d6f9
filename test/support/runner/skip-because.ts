// Skips a test or a whole suite with a reason, which the end of the run repeats. A test that is skipped without one says so there, too.
// Only for what no set-up can provide (a corpus outside the checkout, root); a missing service fails its tier.
import type { Context } from 'mocha'

const REASON = Symbol('skip reason')

interface MayHaveReason {
  [REASON]?: string
}

/** Skips the running test, or from a `before` hook all tests of its suite. */
export function skipBecause(context: Context, reason: string): never {
  const runnable = context.test
  const isBeforeAll = runnable?.title.startsWith('"before all" hook') === true
  const owner: object | undefined = isBeforeAll ? runnable?.parent : (context.currentTest ?? runnable)
  if (owner !== undefined) (owner as MayHaveReason)[REASON] = reason
  return context.skip()
}

/** The reason given for this test or for a suite around it; undefined when none was given. */
export function skipReasonOf(test: Mocha.Test): string | undefined {
  let runnable: (MayHaveReason & { parent?: Mocha.Suite | undefined }) | undefined = test
  while (runnable !== undefined) {
    const reason = runnable[REASON]
    if (reason !== undefined) return reason
    runnable = runnable.parent
  }
  return undefined
}
