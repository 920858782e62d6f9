// What becomes of a rule that is to be written in the other language: a rule that means exactly the same, or why there is none.

/** Why a rule can't be written exactly in the other language. */
export class Inexact extends Error {}

/** A rule as a YAML document, ready to be printed. */
export type Conversion = { readonly isExact: true; readonly document: object } | { readonly isExact: false; readonly reason: string }

/** Runs a conversion; the first part that has no equal ends it. */
export function converted(convert: () => object): Conversion {
  try {
    return { isExact: true, document: convert() }
  } catch (error) {
    if (error instanceof Inexact) return { isExact: false, reason: error.message }
    throw error
  }
}
