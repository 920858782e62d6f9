// What lists and counts show of a rule set: its rules, and its correlations as rules among them.
import type { CompiledRule } from '../../processors/rule-engine/rule-set/compiled-rule.js'
import type { Tap } from '../../processors/rule-engine/rule-set/tap.js'
import type { RuleSet } from '../../processors/rule-engine/rule-set/rule-set.js'

type Shown =
  | 'id'
  | 'name'
  | 'language'
  | 'level'
  | 'author'
  | 'references'
  | 'priority'
  | 'tags'
  | 'desc'
  | 'source'
  | 'version'
  | 'eventTypes'
  | 'isEnabled'
  | 'unavailable'
  | 'place'

/** A rule or a correlation. */
export interface ListedRule extends Pick<CompiledRule, Shown> {
  /** It gives no alert of its own, for it only feeds correlations. */
  readonly isSilent?: boolean
}

/** Rules in load order, then correlations, whose types of events are those of the rules that feed them. */
export function listedRules({ rules, correlations }: Pick<RuleSet, 'rules' | 'correlations'>): ListedRule[] {
  const fed = eventTypesFed(rules)
  return [
    ...rules.map((rule) => ({ ...rule, isSilent: rule.feeds?.isSilent === true })),
    ...correlations.map((correlation) => ({ ...correlation, eventTypes: [...(fed.get(correlation.id) ?? [])] })),
  ]
}

/** Identity of a correlation, to the types of events that rules feed it with, also through other correlations. */
function eventTypesFed(rules: readonly CompiledRule[]): ReadonlyMap<string, ReadonlySet<string>> {
  const fed = new Map<string, Set<string>>()
  const feed = (tap: Tap, eventTypes: readonly string[]): void => {
    fed.set(tap.correlation.id, new Set([...(fed.get(tap.correlation.id) ?? []), ...eventTypes]))
    for (const above of tap.above) feed(above, eventTypes)
  }
  for (const { feeds, eventTypes } of rules) for (const tap of feeds?.taps ?? []) feed(tap, eventTypes)
  return fed
}
