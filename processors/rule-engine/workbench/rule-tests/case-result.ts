// What became of one test.
import type { VerdictNode } from '../../evaluate/explain-verdict.js'

/** What became of one case of a rule, or of one scenario. */
export interface CaseResult {
  readonly file: string
  /** Name of the rule, or of the scenario. */
  readonly rule: string
  readonly name: string
  readonly isPassed: boolean
  /** Why it could not be run; null when it was. Then it neither passed nor failed. */
  readonly skipped: string | null
  readonly expected: string
  readonly got: string
  /** Lines of a difference: `-` was expected and is not there, `+` is there and was not expected. */
  readonly diff: readonly string[]
  /** For a rule that said otherwise: why. */
  readonly why: VerdictNode | null
}

type Head = Pick<CaseResult, 'file' | 'rule' | 'name' | 'expected'>

/** It was as expected. */
export function passed(head: Head): CaseResult {
  return { ...head, isPassed: true, skipped: null, got: head.expected, diff: [], why: null }
}
/** It was otherwise. @param got what was there instead */
export function failed(head: Head, got: string, more: Partial<Pick<CaseResult, 'diff' | 'why'>> = {}): CaseResult {
  return { ...head, isPassed: false, skipped: null, got, diff: more.diff ?? [], why: more.why ?? null }
}
/** It could not be run, and says why. */
export function skipped(head: Head, reason: string): CaseResult {
  return { ...head, isPassed: false, skipped: reason, got: 'not run', diff: [], why: null }
}
