// The rules and correlations of a rule set as one list, and the filters of a list: language, tag, priority, state and text.
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { Tap } from '../rule-set/tap.js'
import type { RuleSet } from '../rule-set/rule-set.js'
import { priorityName } from '../rule-set/priority.js'
import { UsageError } from '../../../infra/process/errors.js'
import { nearestName } from '../../../infra/text/nearest.js'
import { isEmitted } from '../fields/record/event-type.js'

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
  /** It only feeds correlations and creates no alert of its own. */
  readonly isSilent?: boolean
}

/** Rules in load order, then correlations. The event types of a correlation are those of the rules that feed it. */
export function listedRules({ rules, correlations }: Pick<RuleSet, 'rules' | 'correlations'>): ListedRule[] {
  const fed = eventTypesFed(rules)
  return [
    ...rules.map((rule) => ({ ...rule, isSilent: rule.feeds?.isSilent === true })),
    ...correlations.map((correlation) => ({ ...correlation, eventTypes: [...(fed.get(correlation.id) ?? [])] })),
  ]
}

/** For each correlation id, the event types of the rules that feed it, directly or through other correlations. */
function eventTypesFed(rules: readonly CompiledRule[]): ReadonlyMap<string, ReadonlySet<string>> {
  const fed = new Map<string, Set<string>>()
  const feed = (tap: Tap, eventTypes: readonly string[]): void => {
    fed.set(tap.correlation.id, new Set([...(fed.get(tap.correlation.id) ?? []), ...eventTypes]))
    for (const above of tap.above) feed(above, eventTypes)
  }
  for (const { feeds, eventTypes } of rules) for (const tap of feeds?.taps ?? []) feed(tap, eventTypes)
  return fed
}

export function ruleSummary(rule: ListedRule): object {
  const {
    id,
    name,
    language,
    level,
    author,
    references,
    priority,
    tags,
    desc,
    source,
    version,
    eventTypes,
    isEnabled,
    unavailable,
    place,
    isSilent,
  } = rule
  return {
    id,
    name,
    language,
    priority: priorityName(priority),
    level,
    author,
    references,
    enabled: isEnabled,
    canFire: unavailable.length === 0,
    live: isLive(rule),
    unavailable,
    eventTypes,
    tags,
    desc,
    source,
    version,
    place,
    speaks: isSilent !== true,
  }
}

/**
 * Rule states. `can-fire`: the rule is on, and records hold everything that it needs. `live`: of these, about an event that this
 * collector version emits; `not-live`: about none.
 */
export const RULE_STATES = ['on', 'off', 'can-fire', 'live', 'not-live', 'waiting'] as const
/** One of them. */
export type RuleState = (typeof RULE_STATES)[number]
/** Rule languages. */
export const RULE_LANGUAGES = ['falco', 'sigma'] as const

/** The filters; an absent filter accepts every rule. */
export interface RuleFilter {
  readonly text?: string
  readonly tag?: readonly string[]
  readonly language?: string
  readonly state?: string
}

/** The test that a rule must pass. @throws UsageError for an unknown state or language */
export function ruleFilter({ text, tag, language, state }: RuleFilter): (rule: ListedRule) => boolean {
  const wantedState = state === undefined ? undefined : oneOf('state', state, RULE_STATES)
  const wantedLanguage = language === undefined ? undefined : oneOf('language', language, RULE_LANGUAGES)
  const words = text?.toLowerCase()
  const tags = (tag ?? []).map((one) => one.toLowerCase())
  return (rule) =>
    (wantedState === undefined || isOfState(rule, wantedState)) &&
    (wantedLanguage === undefined || rule.language === wantedLanguage) &&
    tags.every((wanted) => rule.tags.some((known) => hasTag(known.toLowerCase(), wanted))) &&
    (words === undefined || [rule.name, rule.id, rule.desc].some((held) => held.toLowerCase().includes(words)))
}

/** Whether the rule is about an event that this collector version emits. */
export function isLive({ eventTypes }: ListedRule): boolean {
  return eventTypes.some(isEmitted)
}

function isOfState(rule: ListedRule, state: RuleState): boolean {
  const { isEnabled, unavailable } = rule
  switch (state) {
    case 'on':
      return isEnabled
    case 'off':
      return !isEnabled
    case 'can-fire':
      return isEnabled && unavailable.length === 0
    case 'live':
      return isEnabled && unavailable.length === 0 && isLive(rule)
    case 'not-live':
      return isEnabled && unavailable.length === 0 && !isLive(rule)
    case 'waiting':
      return isEnabled && unavailable.length > 0
  }
}

/** `T1059` matches `attack.t1059` and its sub-techniques, too: people think of a technique, not of the spelling in a rule file. */
function hasTag(known: string, wanted: string): boolean {
  const bare = known.replace(/^(?:attack\.|mitre_)/, '')
  return known === wanted || bare === wanted || (/^t[0-9]{4}$/.test(wanted) && bare.startsWith(`${wanted}.`))
}

/** The known name that a text stands for, whatever its case. @param what names the value in the message @throws UsageError that suggests the nearest name */
export function oneOf<Name extends string>(what: string, given: string, known: readonly Name[]): Name {
  const found = known.find((name) => name === given.toLowerCase())
  if (found !== undefined) return found
  const near = nearestName(given, known)
  throw new UsageError(`${what}: '${given}' is not one of ${known.join(', ')}${near === undefined ? '' : `; did you mean '${near}'?`}`)
}
