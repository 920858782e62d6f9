// What lists and counts show of a rule set: its rules, and its correlations as rules among them.
import type { CompiledRule } from '../../processors/rule-engine/compiled-rule.js'
import type { RuleSet } from '../../processors/rule-engine/rule-set.js'

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

/** Rules in load order, then correlations. */
export function listedRules({ rules, correlations }: Pick<RuleSet, 'rules' | 'correlations'>): ListedRule[] {
  return [
    ...rules.map((rule) => ({ ...rule, isSilent: rule.feeds?.isSilent === true })),
    ...correlations.map((correlation) => ({ ...correlation, eventTypes: [] })),
  ]
}
