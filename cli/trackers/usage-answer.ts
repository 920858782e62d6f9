// When aggregates are read and whose are told, as the control socket tells it.
import type { UsageSettings } from '../../collector/usage/usage-settings.js'
import { fieldsOf, isCount, isListOf, isText } from '../parts/answer-form.js'

/** @returns null for what is no such answer */
export function usageAnswer(answer: unknown): UsageSettings | null {
  const { intervalMs, pids, containers } = fieldsOf(answer)
  return isCount(intervalMs) && isListOf(pids, isCount) && isListOf(containers, isText) ? { intervalMs, pids, containers } : null
}
