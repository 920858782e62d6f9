// Three-valued verdicts as small numbers, which fit the byte array of an event's memory.
import type { Kleene } from '../kleene.js'

/** Not asked yet: what a memory that was cleared holds. */
export const NOT_JUDGED = 0
/** The test does not hold. */
export const FALSE = 1
/** The test holds. */
export const TRUE = 2
/** It hangs on facts that have not come. */
export const UNKNOWN_YET = 3

/** false, true, unknown until facts come. */
export type VerdictCode = typeof FALSE | typeof TRUE | typeof UNKNOWN_YET

/** The code of a verdict. */
export function codeOf(verdict: Kleene): VerdictCode {
  return verdict === true ? TRUE : verdict === false ? FALSE : UNKNOWN_YET
}
