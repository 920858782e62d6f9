// Three-valued logic: a value may be unknown until facts arrive.

/** null: not known yet. */
export type Verdict = boolean | null

export function all(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(false)) return false
  return verdicts.includes(null) ? null : true
}

export function some(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(true)) return true
  return verdicts.includes(null) ? null : false
}

export function opposite(verdict: Verdict): Verdict {
  return verdict === null ? null : !verdict
}
