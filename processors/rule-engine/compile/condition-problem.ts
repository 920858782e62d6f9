// What is wrong, or doubtful, with a condition that follows the grammar.
import type { Place } from '../language/tree.js'

/** A sentence and where it belongs in the condition. */
export interface ConditionNote {
  readonly message: string
  readonly place: Place
}

/** Thrown inside compile/ to leave one check; compileCondition collects it and goes on with the next. */
export class ConditionProblem extends Error {
  readonly place: Place
  constructor(message: string, place: Place) {
    super(message)
    this.place = place
  }
}
