// What became of one test.
import type { VerdictNode } from '../../../processors/rule-engine/evaluate/explain-verdict.js'

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

export function passed(head: Head): CaseResult {
  return { ...head, isPassed: true, skipped: null, got: head.expected, diff: [], why: null }
}
export function failed(head: Head, got: string, more: Partial<Pick<CaseResult, 'diff' | 'why'>> = {}): CaseResult {
  return { ...head, isPassed: false, skipped: null, got, diff: more.diff ?? [], why: more.why ?? null }
}
export function skipped(head: Head, reason: string): CaseResult {
  return { ...head, isPassed: false, skipped: reason, got: 'not run', diff: [], why: null }
}
