// Filters as the control socket tells them, read once: whoever listens there may be of another version.
import type { FilterReport } from '../../collector/control/filter-requests.js'
import { OUTCOMES, type FilteredValues } from '../../collector/watch/event-filters.js'
import { fieldsOf, isCount, isListOf, isText } from '../parts/answer-form.js'

/** @returns null for what is no such answer */
export function filterAnswer(answer: unknown): FilterReport | null {
  const { only, except, outcome, cgroupsLeftOut } = fieldsOf(answer)
  const known = OUTCOMES.find((one) => one === outcome)
  if (!isValues(only) || !isValues(except) || known === undefined || !isCount(cgroupsLeftOut)) return null
  return { only, except, outcome: known, cgroupsLeftOut }
}

function isValues(value: unknown): value is FilteredValues {
  const { pid, uid, port, container } = fieldsOf(value)
  return [pid, uid, port].every((numbers) => isListOf(numbers, isCount)) && isListOf(container, isText)
}
