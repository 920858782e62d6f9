// What the tokenizer and the parser throw, and nothing else: a mistake in the text of a condition, with its place.
import { EunomiaError } from '../../../infra/process/errors.js'
import type { Place } from './tree.js'

/** The text of a condition does not follow the grammar. */
export class ConditionSyntaxError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RULES_INVALID'
  static override readonly isUserMistake = true
  readonly place: Place

  constructor(message: string, place: Place) {
    super(message, { details: { line: place.line, column: place.column } })
    this.place = place
  }
}
