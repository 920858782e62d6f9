// Three-valued logic (Kleene): true, false, and unknown until facts arrive. A definite result never changes when the unknown becomes known.

/** null is unknown. */
export type Kleene = boolean | null

/** False if any term is false, else unknown if any is unknown. Stops at the first false term. */
export function allOf<T>(terms: readonly T[], evaluate: (term: T) => Kleene): Kleene {
  let result: Kleene = true
  for (const term of terms) {
    const verdict = evaluate(term)
    if (verdict === false) return false
    if (verdict === null) result = null
  }
  return result
}

/** True if any term is true, else unknown if any is unknown. */
export function anyOf<T>(terms: readonly T[], evaluate: (term: T) => Kleene): Kleene {
  let result: Kleene = false
  for (const term of terms) {
    const verdict = evaluate(term)
    if (verdict === true) return true
    if (verdict === null) result = null
  }
  return result
}

export function and(first: Kleene, second: Kleene): Kleene {
  if (first === false || second === false) return false
  return first === null || second === null ? null : true
}

export function not(verdict: Kleene): Kleene {
  return verdict === null ? null : !verdict
}
