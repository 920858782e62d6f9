// What is wrong, or doubtful, with a condition that follows the grammar.
import type { UnknownName } from '../fields/catalogue.js'
import type { Place } from '../language/tree.js'

/** A sentence and where it belongs in the condition. */
export interface ConditionNote {
  readonly message: string
  readonly place: Place
  /** Set if the sentence is about a name that the engine does not have. */
  readonly unknown?: UnknownName | undefined
}

/** Thrown inside compile/ to leave one check; compileCondition collects it and goes on with the next. */
export class ConditionProblem extends Error {
  readonly place: Place
  readonly unknown: UnknownName | undefined

  constructor(message: string, place: Place, unknown?: UnknownName) {
    super(message)
    this.place = place
    this.unknown = unknown
  }
}
