// Levels of Sigma rules, and the priority that each has beside Falco's.
import type { RulePriority } from '../rule-set/priority.js'

export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const
export type SigmaLevel = (typeof LEVELS)[number]

const PRIORITY_OF: Readonly<Record<SigmaLevel, RulePriority>> = {
  informational: 'informational',
  low: 'notice',
  medium: 'warning',
  high: 'error',
  critical: 'critical',
}

/** A level as a file writes it, in any case; null for none. */
export function parseLevel(text: string): SigmaLevel | null {
  return LEVELS.find((level) => level === text.toLowerCase()) ?? null
}

/** A rule that says no level counts as `medium`. */
export function priorityOf(level: SigmaLevel | null): RulePriority {
  return PRIORITY_OF[level ?? 'medium']
}
