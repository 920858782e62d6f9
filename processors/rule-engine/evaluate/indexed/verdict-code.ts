// Three-valued verdicts as small numbers, which fit the byte array of an event's memory.
import type { Kleene } from '../kleene.js'

export const NOT_JUDGED = 0
export const FALSE = 1
export const TRUE = 2
export const UNKNOWN_YET = 3

/** false, true, unknown until facts come. */
export type VerdictCode = typeof FALSE | typeof TRUE | typeof UNKNOWN_YET

export function codeOf(verdict: Kleene): VerdictCode {
  return verdict === true ? TRUE : verdict === false ? FALSE : UNKNOWN_YET
}
