// Given events against given rules, each rule by itself: what it says, why, and what it would alert. For people and programs that look.
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import { explainVerdict } from '../evaluate/explain-verdict.js'
import type { ReadValue, VerdictNode } from '../evaluate/explain-verdict.js'
import type { FieldSource } from '../fields/field-source.js'
import { and } from '../evaluate/kleene.js'
import type { Kleene } from '../evaluate/kleene.js'
import type { RuleMatching } from '../evaluate/plain-evaluator.js'
import { prepareExpression } from '../evaluate/prepare.js'
import type { PreparedExpression } from '../evaluate/prepare.js'
import { eventTypeOf } from '../fields/record/event-type.js'
import { fillTemplate } from '../output/fill-template.js'
import type { FilledTemplate } from '../output/fill-template.js'
import { sourceOf } from './given-events/given-event.js'
import type { GivenEvent } from './given-events/given-event.js'
import type { Firing } from '../correlation/judge-window.js'
import { priorityName } from '../rule-set/priority.js'
import { firingText } from '../correlation/correlation-alert.js'
import { verdictJson } from './explain/condition-tree.js'

/** A rule that is ready to be asked many times. */
export interface AskedRule {
  readonly rule: CompiledRule
  readonly holds: PreparedExpression
  /** The same over a map of fields. */
  readonly holdsOnFields: PreparedExpression
  readonly isInScope: PreparedExpression | null
  /** Types of records that it is asked about. */
  readonly eventTypes: ReadonlySet<string>
}

/** What one rule says of one event. */
export interface RuleVerdict {
  readonly rule: CompiledRule
  readonly verdict: Kleene
  /** false: the event is none of the rule's log source. A map of fields always is of it: nobody can tell. */
  readonly scope: Kleene
  /** Why the rule is never asked about such a record; null when it is asked, and for every map of fields. */
  readonly notAsked: string | null
  /** With matching first: it holds, but an earlier rule speaks for the event, or may when its facts come. */
  readonly isOutspoken: boolean
}

/** Makes rules ready to be asked many times. */
export function askedRules(rules: readonly CompiledRule[]): AskedRule[] {
  return rules.map((rule) => ({
    rule,
    holds: prepareExpression(rule.condition),
    holdsOnFields: prepareExpression((rule.onFields ?? rule).condition),
    isInScope: rule.scope === null ? null : prepareExpression(rule.scope),
    eventTypes: new Set(rule.eventTypes),
  }))
}

const NO_TYPE = 'no rule is about a record that tells no system call'
/** Most types of events that are named. */
const MAX_TYPES = 6

/** Why evaluators never ask the rule about such a record; null when they do. Whoever asks by a map of fields has chosen the rule for it. */
export function whyNotAsked(event: GivenEvent, { rule, eventTypes }: AskedRule): string | null {
  if (event.kind === 'fields') return null
  if (rule.unavailable.length > 0) return "it can't fire yet on records"
  const type = eventTypeOf(event.judged.event)
  if (type === null) return NO_TYPE
  if (eventTypes.has(type)) return null
  const rest = eventTypes.size - MAX_TYPES
  const named = [...eventTypes].slice(0, MAX_TYPES).join(', ')
  return `it is about events ${named}${rest > 0 ? ` and ${String(rest)} more` : ''}`
}

/** Is the event one of the rule's log source? A map of fields always is: nobody can tell. */
function scopeOf(event: GivenEvent, { isInScope }: AskedRule, source: FieldSource): Kleene {
  return isInScope === null || event.kind === 'fields' ? true : isInScope(source)
}

/**
 * As evaluators judge the event: records only by rules that are about their type, and of their log source.
 *
 * @param source of the event: fields of records are kept in it from one rule to the next
 */
export function verdictOf(event: GivenEvent, asked: AskedRule, source: FieldSource): Kleene {
  if (event.kind === 'fields') return asked.holdsOnFields(source)
  if (whyNotAsked(event, asked) !== null) return false
  const scope = scopeOf(event, asked, source)
  return scope === false ? false : and(scope, asked.holds(source))
}

/** The verdict of every rule, in load order. */
export function verdictsOf(event: GivenEvent, rules: readonly AskedRule[], matching: RuleMatching): RuleVerdict[] {
  const source = sourceOf(event)
  let isSpoken = false
  return rules.map((asked) => {
    const { rule } = asked
    const verdict = verdictOf(event, asked, source)
    const isOfFirst = matching === 'first' && rule.language === 'falco'
    const isOutspoken = isOfFirst && isSpoken && verdict === true
    if (isOfFirst && verdict !== false) isSpoken = true
    return { rule, verdict, scope: scopeOf(event, asked, source), notAsked: whyNotAsked(event, asked), isOutspoken }
  })
}

/** The tree of a rule for an event. */
export function explained(event: GivenEvent, rule: CompiledRule): VerdictNode {
  const { tree, condition } = event.kind === 'fields' ? (rule.onFields ?? rule) : rule
  return explainVerdict(tree, condition, sourceOf(event))
}

/** What the alert of a rule says. */
export function alertText(event: GivenEvent, rule: CompiledRule): FilledTemplate {
  return fillTemplate(rule.output, sourceOf(event))
}

/** Fields that a verdict hangs on while it is unknown, each once. */
export function waitsOn(node: VerdictNode): string[] {
  const fields = new Set<string>()
  const visit = (one: VerdictNode): void => {
    if (one.verdict !== null) return
    if (one.kind === 'check') for (const { field } of one.read.filter(isUnknown)) fields.add(field)
    else one.children.forEach(visit)
  }
  visit(node)
  return [...fields]
}

const isUnknown = ({ state }: ReadValue): boolean => state === 'unknown'

/** A correlation speaks of all events together: its answer stands behind theirs. */
export function firingAnswer(firing: Firing<number>): object {
  const { id, level, priority } = firing.correlation
  return { event: firing.completing.evidence, correlation: id, priority: level ?? priorityName(priority), ...firingText(firing) }
}

/** `explain` as in the answers to requests. */
export function eventAnswer(
  event: GivenEvent,
  index: number,
  verdicts: readonly RuleVerdict[],
  rules: readonly AskedRule[],
  style: { isExplained: boolean; isEveryRule: boolean },
): object {
  const speaking = verdicts.filter(isSpeaking)
  const waiting = verdicts.filter(({ verdict }) => verdict === null)
  const shown = style.isEveryRule ? verdicts : [...speaking, ...waiting]
  return {
    event: index,
    asked: rules.length,
    rules: speaking.map(({ rule }) => rule.id),
    alerts: speaking.map(({ rule }) => ({ rule: rule.id, priority: rule.level ?? priorityName(rule.priority), ...alertText(event, rule) })),
    waiting: waiting.map(({ rule }) => ({ rule: rule.id, on: waitsOn(explained(event, rule)) })),
    ...(style.isExplained
      ? {
          explain: shown.map(({ rule, verdict, scope, notAsked }) => ({
            rule: rule.id,
            verdict,
            scope,
            ...(notAsked === null ? {} : { notAsked }),
            tree: verdictJson(explained(event, rule)),
          })),
        }
      : {}),
  }
}

/** Does the rule give an alert? One that only feeds a correlation does not. */
export function isSpeaking({ rule, verdict, isOutspoken }: RuleVerdict): boolean {
  return verdict === true && !isOutspoken && rule.feeds?.isSilent !== true
}
