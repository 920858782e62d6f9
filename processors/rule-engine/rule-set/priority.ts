// Rule priorities: Falco's names, the names that files may use, and their order.
import type { Priority } from '../../../schemas/generated/types.js'

export type RulePriority = Exclude<Priority, 'UNKNOWN'>

/** From the most urgent to the least. */
export const PRIORITIES: readonly RulePriority[] = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'debug',
]

/** A priority as a rule file or a flag names it, in any case; null for none. */
export function parsePriority(text: string): RulePriority | null {
  const lower = text.toLowerCase()
  if (lower === 'info') return 'informational'
  return PRIORITIES.find((priority) => priority === lower) ?? null
}

/** `Warning`, `Informational`. */
export function priorityName(priority: RulePriority): string {
  return priority.charAt(0).toUpperCase() + priority.slice(1)
}

/** True when a rule of the priority is at least as urgent as the minimum. */
export function isAtLeast(priority: RulePriority, minimum: RulePriority): boolean {
  return PRIORITIES.indexOf(priority) <= PRIORITIES.indexOf(minimum)
}
