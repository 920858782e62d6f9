// The result of one check of `eunomia doctor`: a check tries something real, reports what happened and says how to fix it.

/** Status of a check. `warning`: `eunomia run` does not need it. */
export type CheckStatus = 'ok' | 'warning' | 'failed'

/** One line of the doctor's output. */
export interface CheckResult {
  readonly name: string
  readonly status: CheckStatus
  /** What was observed. */
  readonly detail: string
  /** How to fix it; null if it works. */
  readonly fix: string | null
}

/** Tries one thing, or a few related ones, and reports each. A failure is a result, not an exception. */
export type Check = () => Promise<readonly CheckResult[]>

/** Shorthand of a result. */
export function well(name: string, detail: string): CheckResult {
  return { name, status: 'ok', detail, fix: null }
}

/** Shorthand of a result. */
export function ill(name: string, detail: string, fix: string, status: CheckStatus = 'failed'): CheckResult {
  return { name, status, detail, fix }
}
