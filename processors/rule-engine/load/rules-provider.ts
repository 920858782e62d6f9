// Which rules are in force. Detect asks once per batch, so that a set is swapped between batches and never within one.
import type { Evaluator } from '../evaluate/evaluator.js'

/** Gives the rule set in force. */
export interface RulesProvider {
  /** The evaluator of the whole set; another object after a reload. */
  current(): Evaluator
}

/** A rule set that never changes. */
export function fixedRules(evaluator: Evaluator): RulesProvider {
  return { current: () => evaluator }
}
