// What is wrong with one part of a Sigma rule, and where it stands. Thrown inside sigma/, noted by the loader, which goes on with the rest.
import type { FilePlace } from '../../read/file-place.js'
import { ItemError } from '../../read/load-report.js'

/** A mistake in the detection of a rule. The loader puts the name of the rule to it. */
export function detectionProblem(message: string, place: FilePlace): ItemError {
  return new ItemError('LOAD_ERR_VALIDATE', message, null, place)
}

/** A mistake in its condition. */
export function conditionProblem(message: string, place: FilePlace): ItemError {
  return new ItemError('LOAD_ERR_COMPILE_CONDITION', message, null, place)
}
