// Skips a test or a whole suite with a reason. The end of a run lists each reason once, with its number of tests.
// Only for what no set-up can provide (a corpus outside the checkout, root): a missing service fails its tier.
import type { Context } from 'mocha'

const REASON = Symbol('skip reason')

interface MayHaveReason {
  [REASON]?: string
}

/** Skips the running test, or from a `before` hook all tests of its suite. @param reason the same text wherever the same thing is missing */
export function skipBecause(context: Context, reason: string): never {
  const runnable = context.test
  const isBeforeAll = runnable?.title.startsWith('"before all" hook') === true
  const owner: object | undefined = isBeforeAll ? runnable?.parent : (context.currentTest ?? runnable)
  if (owner !== undefined) (owner as MayHaveReason)[REASON] = reason
  return context.skip()
}

/** @see skipBecause Rules, samples and schemas of others live outside of the checkout: test/support/shared-folder.ts. */
export function skipWithoutCorpora(context: Context): never {
  return skipBecause(context, 'no corpora in ../shared')
}

/** The reason of this test or of a suite around it; undefined without one. */
export function skipReasonOf(test: Mocha.Test): string | undefined {
  let runnable: (MayHaveReason & { parent?: Mocha.Suite | undefined }) | undefined = test
  while (runnable !== undefined) {
    const reason = runnable[REASON]
    if (reason !== undefined) return reason
    runnable = runnable.parent
  }
  return undefined
}
