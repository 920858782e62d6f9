// Three-valued logic (Kleene): true, false, and unknown until facts come. A definite result never changes when the unknown is known.

/** null is unknown. */
export type Kleene = boolean | null

/** False when any term is false, else unknown when any is; later terms are not asked once a false one was found. */
export function allOf<T>(terms: readonly T[], judge: (term: T) => Kleene): Kleene {
  let result: Kleene = true
  for (const term of terms) {
    const verdict = judge(term)
    if (verdict === false) return false
    if (verdict === null) result = null
  }
  return result
}

/** True when any term is true, else unknown when any is. */
export function anyOf<T>(terms: readonly T[], judge: (term: T) => Kleene): Kleene {
  let result: Kleene = false
  for (const term of terms) {
    const verdict = judge(term)
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
