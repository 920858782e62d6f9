// Compares two rule sets on the same recorded events: which alerts are new, and which disappear.
import { alertOf } from '../../output/alert.js'
import { createCompiledEvaluator } from '../../compiled/compiled-evaluator.js'
import type { RuleMatching } from '../../evaluate/plain-evaluator.js'
import type { RuleEvent } from '../../fields/rule-event.js'
import type { RuleSet } from '../../rule-set/rule-set.js'
import type { Alert } from '../../../../schemas/generated/types.js'

/** An alert that only one of the sets creates. */
export interface AlertChange {
  readonly change: 'comes' | 'goes'
  readonly alert: Alert
}

/** Alerts of one rule in both sets. */
export interface RuleAlerts {
  readonly rule: string
  before: number
  after: number
  comes: number
  goes: number
}

/** The result of the comparison. */
export interface AlertDiff {
  readonly events: number
  readonly before: number
  readonly after: number
  /** By rule, in the order of their first alerts. */
  readonly byRule: readonly RuleAlerts[]
}

/** Evaluates each event with both sets. @param onChange called for each alert that only one of them creates */
export async function diffAlerts(
  sets: { readonly before: RuleSet; readonly after: RuleSet },
  matching: RuleMatching,
  events: AsyncIterable<RuleEvent>,
  onChange: (change: AlertChange) => void,
): Promise<AlertDiff> {
  const old = createCompiledEvaluator(sets.before, { matching })
  const current = createCompiledEvaluator(sets.after, { matching })
  const byRule = new Map<string, RuleAlerts>()
  const ofRule = (rule: string): RuleAlerts => {
    const known = byRule.get(rule) ?? { rule, before: 0, after: 0, comes: 0, goes: 0 }
    byRule.set(rule, known)
    return known
  }
  let count = 0
  for await (const event of events) {
    count++
    const before = old.evaluate(event).matched
    const after = current.evaluate(event).matched
    for (const rule of before) ofRule(rule.name).before++
    for (const rule of after) ofRule(rule.name).after++
    for (const rule of before) {
      if (after.some(({ id }) => id === rule.id)) continue
      ofRule(rule.name).goes++
      onChange({ change: 'goes', alert: alertOf(event, rule, sets.before.hash) })
    }
    for (const rule of after) {
      if (before.some(({ id }) => id === rule.id)) continue
      ofRule(rule.name).comes++
      onChange({ change: 'comes', alert: alertOf(event, rule, sets.after.hash) })
    }
  }
  const all = [...byRule.values()]
  const sum = (of: (alerts: RuleAlerts) => number): number => all.reduce((total, alerts) => total + of(alerts), 0)
  return { events: count, before: sum((alerts) => alerts.before), after: sum((alerts) => alerts.after), byRule: all }
}
