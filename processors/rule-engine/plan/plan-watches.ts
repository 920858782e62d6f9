// From rules to what a collector must watch: a watch covers every event that a rule may match, and as few others as possible.
import {
  OPEN_INTENTS,
  ROUTES,
  WATCH_PLAN_VERSION,
  type Watch,
  type WatchPlan,
  type WatchTopic,
} from '../../../infra/watch-plan/watch-plan.js'
import { settleEventType, verdictsOfType } from '../analysis/event-types.js'
import { possibleOf, type Domain } from '../analysis/possible.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import { RECORD_KINDS } from '../../../schemas/generated/calls.js'
import { COLLECTED_TYPES_OF } from '../fields/record/event-type.js'
import type { RuleSet } from '../rule-set/rule-set.js'
import { FAILED, neededIntents, OPEN_MODES, OUTCOME, OUTCOME_OF_OPEN, ROUTE, SUCCEEDED } from './finite-domain.js'
import { GIVEN_PATHS, PATHS } from './text-domains.js'

const TOPICS: readonly WatchTopic[] = ['process', 'file', 'network', 'kernel']
const OPENS = RECORD_KINDS.file['open'] ?? []

/** The plan for the active rules of a set. */
export function planFor(ruleSet: RuleSet): WatchPlan {
  const watches = ruleSet.activeRules.flatMap(watchesOf)
  return {
    version: WATCH_PLAN_VERSION,
    mode: 'detect',
    ruleSetHash: ruleSet.hash,
    watches: merged(watches),
    // Each alert of a network event carries the name of its remote end, whatever the rule reads.
    dnsNames: watches.some(({ topic }) => topic === 'network'),
  }
}

/** The plan that watches everything, whatever the rules. */
export function forensicPlan(): WatchPlan {
  const open = { outcome: null, intents: null, paths: null, givenPaths: null, routes: null, rules: [] }
  return {
    version: WATCH_PLAN_VERSION,
    mode: 'forensic',
    ruleSetHash: null,
    watches: TOPICS.map((topic) => ({ topic, eventTypes: typesOf(topic), ...open })),
    dnsNames: true,
  }
}

function typesOf(topic: WatchTopic): readonly string[] {
  return COLLECTED_TYPES_OF[topic]
}

/** A watch for each topic of the rule, or several if different event types have different needs; none for a rule that can't match. */
export function watchesOf(rule: CompiledRule): Watch[] {
  return TOPICS.flatMap((topic) => {
    const types = typesOf(topic).filter((type) => rule.eventTypes.includes(type))
    const typesByNeed = new Map<string, { need: Need; eventTypes: string[] }>()
    for (const type of types) {
      const need = needOf(rule, topic, type)
      if (need === null) continue
      const key = JSON.stringify(need)
      const same = typesByNeed.get(key) ?? { need, eventTypes: [] }
      typesByNeed.set(key, same)
      same.eventTypes.push(type)
    }
    return [...typesByNeed.values()].map(({ need, eventTypes }): Watch => ({ topic, eventTypes, ...need, rules: [rule.id] }))
  })
}

/** What a rule requires of events besides their type. */
type Need = Omit<Watch, 'topic' | 'eventTypes' | 'rules'>

/** What a rule requires of events of one type; null if it can match none. */
function needOf(rule: CompiledRule, topic: WatchTopic, type: string): Need | null {
  const verdictOf = verdictsOfType(type)
  const terms = [rule.condition, ...(rule.scope === null ? [] : [rule.scope])].map((term) => settleEventType(term, verdictOf))
  const answer = <Set>(domain: Domain<Set>): Set =>
    terms.map((term) => possibleOf(term, domain).whenTrue).reduce((a, b) => domain.meet(a, b), domain.all)
  const outcome = answer(OPENS.includes(type) ? OUTCOME_OF_OPEN : OUTCOME)
  const modes = answer(OPEN_MODES)
  // Probes filter opens alone by path.
  const [paths, givenPaths] = OPENS.includes(type) ? [answer(PATHS), answer(GIVEN_PATHS)] : [null, null]
  const routes = topic === 'process' ? ROUTE.all : answer(ROUTE)
  if (outcome === 0 || modes === 0 || routes === 0 || [paths, givenPaths].some((texts) => texts?.length === 0)) return null
  const intents = neededIntents(modes)?.flatMap((intent) => OPEN_INTENTS[intent] ?? []) ?? null
  return {
    outcome: outcome === SUCCEEDED ? 'succeeded' : outcome === FAILED ? 'failed' : null,
    intents: topic === 'file' ? intents : null,
    paths,
    givenPaths,
    routes: routes === ROUTE.all ? null : ROUTES.filter((_, route) => (routes & (1 << route)) !== 0),
  }
}

/** Merges watches with the same needs, and sorts them by topic. */
function merged(watches: readonly Watch[]): Watch[] {
  const byNeed = new Map<string, Watch>()
  for (const watch of watches) {
    const key = JSON.stringify({ ...watch, rules: null })
    const same = byNeed.get(key)
    byNeed.set(key, same === undefined ? watch : { ...same, rules: [...same.rules, ...watch.rules] })
  }
  return [...byNeed.values()].sort((a, b) => TOPICS.indexOf(a.topic) - TOPICS.indexOf(b.topic))
}
