// An immutable set of rules, hashed in load order. The order matters: by default, only the first Falco rule that matches creates an alert.
import { createHash } from 'node:crypto'
import type { CompiledRule } from './compiled-rule.js'
import type { CompiledCorrelation } from './compiled-correlation.js'
import type { Feeds, Tap } from './tap.js'
import type { Quarantined } from '../read/load-report.js'

/** Rules that were loaded together. */
export interface RuleSet {
  /** Hash of all rules in load order, 16 hex digits. */
  readonly hash: string
  /** Every rule, in load order. */
  readonly rules: readonly CompiledRule[]
  /** Rules that are enabled and can be evaluated on records. */
  readonly activeRules: readonly CompiledRule[]
  /** Rules that are enabled but can't fire yet; each has the reasons. */
  readonly waitingRules: readonly CompiledRule[]
  /** Correlations of the matches of its rules, each after those that feed it. */
  readonly correlations: readonly CompiledCorrelation[]
  /** Correlations that are enabled and can be evaluated, and those that can't yet, with the reasons. */
  readonly activeCorrelations: readonly CompiledCorrelation[]
  readonly waitingCorrelations: readonly CompiledCorrelation[]
  /** Rules and files that were excluded because of errors, each with its first error. */
  readonly quarantined: readonly Quarantined[]
}

export function createRuleSet(
  rules: readonly CompiledRule[],
  quarantined: readonly Quarantined[] = [],
  correlations: readonly CompiledCorrelation[] = [],
): RuleSet {
  const enabled = rules.filter((rule) => rule.isEnabled)
  const silent = [...rules.filter(({ feeds }) => feeds?.isSilent === true), ...correlations.filter(({ isSilent }) => isSilent)]
  const identity = [
    ...[...rules, ...correlations].map((rule) => [rule.language, rule.id, rule.version, rule.isEnabled]),
    ...silent.map(({ id }) => ['silent', id]),
  ]
  return Object.freeze({
    hash: createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16),
    rules,
    activeRules: enabled.filter((rule) => rule.unavailable.length === 0),
    waitingRules: enabled.filter((rule) => rule.unavailable.length > 0),
    correlations,
    activeCorrelations: correlations.filter((one) => one.isEnabled && one.unavailable.length === 0),
    waitingCorrelations: correlations.filter((one) => one.isEnabled && one.unavailable.length > 0),
    quarantined,
  })
}

/** Which rules of a set are enabled: by tags, or all but some. */
export interface RuleSelection {
  /** Only rules with one of these tags, including rules that are off by default. */
  readonly runTags?: readonly string[]
  /** No rules with one of these tags. */
  readonly disableTags?: readonly string[]
  /** No rules whose name contains one of these texts. */
  readonly disableRules?: readonly string[]
}

/** Why the parts of a selection conflict; null if they don't. */
export function selectionProblem({ runTags = [], disableTags = [], disableRules = [] }: RuleSelection): string | null {
  if (runTags.length === 0 || disableTags.length + disableRules.length === 0) return null
  return 'You can not specify both disabled (disableTags, disableRules) and enabled (runTags) rules'
}

/** The set with the selection applied. */
export function selectRules(ruleSet: RuleSet, selection: RuleSelection): RuleSet {
  const { runTags = [], disableTags = [], disableRules = [] } = selection
  if (runTags.length + disableTags.length + disableRules.length === 0) return ruleSet
  const hasTag = (rule: Pick<CompiledRule, 'tags'>, tags: readonly string[]): boolean => rule.tags.some((tag) => tags.includes(tag))
  const isOn = (rule: Pick<CompiledRule, 'tags' | 'isEnabled' | 'name'>): boolean => {
    if (runTags.length > 0) return hasTag(rule, runTags)
    return rule.isEnabled && !hasTag(rule, disableTags) && !disableRules.some((text) => rule.name.includes(text))
  }
  return withSwitched(ruleSet, isOn)
}

/**
 * The set with its rules and correlations switched. No rule feeds a correlation that is off, and it feeds no other. Rules that fed only
 * such correlations create their own alerts again.
 */
export function withSwitched(ruleSet: RuleSet, isOn: (rule: CompiledRule | CompiledCorrelation) => boolean): RuleSet {
  const enabled = new Set(ruleSet.correlations.filter(isOn))
  const isFed = ({ id }: CompiledCorrelation): boolean => [...enabled].some(({ members }) => members.some((member) => member.id === id))
  const isLeft = ({ correlation }: Tap): boolean => [...enabled].some(({ id }) => id === correlation.id)
  return createRuleSet(
    ruleSet.rules.map((rule) => ({
      ...rule,
      isEnabled: isOn(rule),
      ...(rule.feeds === undefined ? {} : { feeds: feedsLeft(rule.feeds, isLeft) }),
    })),
    ruleSet.quarantined,
    ruleSet.correlations.map((one) => ({ ...one, isEnabled: enabled.has(one), isSilent: one.isMuted || (one.isSilent && isFed(one)) })),
  )
}

function feedsLeft({ taps, isSilent, isMuted }: Feeds, isLeft: (tap: Tap) => boolean): Feeds {
  const left = (some: readonly Tap[]): Tap[] => some.filter(isLeft).map((tap) => ({ ...tap, above: left(tap.above) }))
  const remaining = left(taps)
  return { taps: remaining, isMuted, isSilent: isMuted || (isSilent && remaining.length > 0) }
}
