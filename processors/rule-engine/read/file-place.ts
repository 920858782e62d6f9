// Where something stands in a rule file: what every message about rules points at.

/** A place in a rule file; line and column count from 1. */
export interface FilePlace {
  readonly file: string
  readonly line: number
  readonly column: number
}
