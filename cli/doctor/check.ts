// One check of `eunomia doctor`: it does the thing, and says what came of it and how to mend it.

/** What came of a check. `warning`: not needed for `eunomia run` on its own. */
export type CheckStatus = 'ok' | 'warning' | 'failed'

/** A line of the doctor's answer. */
export interface CheckResult {
  readonly name: string
  readonly status: CheckStatus
  /** What was seen. */
  readonly detail: string
  /** How to mend it; null when it is well. */
  readonly mend: string | null
}

/** Does one thing, or a few that belong together, and tells of each. Never throws for what it looks for. */
export type Check = () => Promise<readonly CheckResult[]>

/** Shorthand of a result. */
export function well(name: string, detail: string): CheckResult {
  return { name, status: 'ok', detail, mend: null }
}

/** Shorthand of a result. */
export function ill(name: string, detail: string, mend: string, status: CheckStatus = 'failed'): CheckResult {
  return { name, status, detail, mend }
}
