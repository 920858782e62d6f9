// What all rules of one load may cost together: many rules that are each within their bounds must not hold up a start for hours either.

/** Most terms of all conditions together, with their macros put in: hundreds of times those of all public rules. */
const MAX_TERMS = 3_000_000

/** The terms that are left for the rules still to come. */
export class LoadBudget {
  #terms = 0

  /** Takes the terms of one condition. @returns why there is no room for them; null when there is */
  problemWith(terms: number): string | null {
    if (this.#terms + terms > MAX_TERMS) return `all conditions together have more than ${String(MAX_TERMS)} terms with their macros put in`
    this.#terms += terms
    return null
  }
}
