// From rules to what a collector must watch: every event that a rule may match is covered by a watch, and as few others as can be told.
import { WATCH_PLAN_VERSION } from '../../../infra/watch-plan.js'
import type { OpenIntent, Watch, WatchPlan, WatchTopic } from '../../../infra/watch-plan.js'
import type { BoundExpression } from '../compile/bound-tree.js'
import { possibleOf } from '../analysis/possible.js'
import type { Domain } from '../analysis/possible.js'
import type { CompiledRule } from '../compiled-rule.js'
import { COLLECTED_TYPES_OF } from '../fields/record/event-type.js'
import type { RuleSet } from '../rule-set.js'
import { FAILED, IN_CONTAINER, neededIntents, ON_HOST, OPEN_WAYS, OUTCOME, PLACE, SUCCEEDED } from './finite-domain.js'
import { capturesOf } from './plan-captures.js'
import { PATHS, PROCESS_NAMES } from './text-domains.js'

const INTENTS: readonly OpenIntent[] = ['read', 'write', 'created']
const TOPICS: readonly WatchTopic[] = ['process', 'file', 'network', 'kernel']

/** What the rules that are enabled and can be judged ask for. */
export function planFor(ruleSet: RuleSet): WatchPlan {
  const watches = ruleSet.activeRules.flatMap(watchesOf)
  return {
    version: WATCH_PLAN_VERSION,
    mode: 'detect',
    ruleSetHash: ruleSet.hash,
    watches: merged(watches),
    captures: capturesOf(ruleSet.activeRules),
  }
}

/** Everything, whatever the rules. */
export function forensicPlan(): WatchPlan {
  const open = { outcome: null, place: null, intents: null, paths: null, processNames: null, rules: [] }
  return {
    version: WATCH_PLAN_VERSION,
    mode: 'forensic',
    ruleSetHash: null,
    watches: TOPICS.map((topic) => ({ topic, eventTypes: typesOf(topic), ...open })),
    captures: { environment: [], payload: true, dnsNames: true },
  }
}

function typesOf(topic: WatchTopic): readonly string[] {
  return COLLECTED_TYPES_OF[topic]
}

/** A watch for each topic that the rule has events of; none for a rule that can't match. */
function watchesOf(rule: CompiledRule): Watch[] {
  const outcome = answer(rule, OUTCOME)
  const place = answer(rule, PLACE)
  const ways = answer(rule, OPEN_WAYS)
  const paths = answer(rule, PATHS)
  const processNames = answer(rule, PROCESS_NAMES)
  if (outcome === 0 || place === 0 || ways === 0 || paths?.length === 0 || processNames?.length === 0) return []
  const intents = neededIntents(ways)?.flatMap((intent) => INTENTS[intent] ?? []) ?? null
  return TOPICS.flatMap((topic) => {
    const eventTypes = typesOf(topic).filter((type) => rule.eventTypes.includes(type))
    if (eventTypes.length === 0) return []
    const isFile = topic === 'file'
    const watch: Watch = {
      topic,
      eventTypes,
      outcome: outcome === SUCCEEDED ? 'succeeded' : outcome === FAILED ? 'failed' : null,
      place: place === ON_HOST ? 'host' : place === IN_CONTAINER ? 'container' : null,
      intents: isFile ? intents : null,
      paths: isFile ? paths : null,
      processNames,
      rules: [rule.id],
    }
    return [watch]
  })
}

function answer<Set>({ condition, scope }: CompiledRule, domain: Domain<Set>): Set {
  const of = (expression: BoundExpression): Set => possibleOf(expression, domain).whenTrue
  return scope === null ? of(condition) : domain.meet(of(scope), of(condition))
}

/** Watches that ask for the same are one; rules that only differ in their types, or in their paths, stand together. */
function merged(watches: readonly Watch[]): Watch[] {
  const byNeed = new Map<string, Watch>()
  for (const watch of watches) {
    const key = JSON.stringify({ ...watch, rules: null })
    const same = byNeed.get(key)
    byNeed.set(key, same === undefined ? watch : { ...same, rules: [...same.rules, ...watch.rules] })
  }
  return [...byNeed.values()].sort((a, b) => TOPICS.indexOf(a.topic) - TOPICS.indexOf(b.topic))
}
