// The names of the functions that `eunomia process` runs.
import { UsageError } from '../infra/process/errors.js'
import { nearestName } from '../infra/text/nearest.js'

/** Every function. */
export const FUNCTION_NAMES = ['membership', 'detect', 'archive', 'hunt'] as const
export type FunctionName = (typeof FUNCTION_NAMES)[number]

/** The function with this name. @throws UsageError that names the nearest */
export function functionNameOf(text: string): FunctionName {
  const name = FUNCTION_NAMES.find((candidate) => candidate === text)
  if (name !== undefined) return name
  const near = nearestName(text, FUNCTION_NAMES)
  throw new UsageError(`there is no function ${text}${near === undefined ? '' : `; did you mean ${near}?`} (${FUNCTION_NAMES.join(', ')})`)
}
