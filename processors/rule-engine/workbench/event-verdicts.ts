// Evaluates given events against given rules, each rule separately: the verdict, the reason, and the alert that it would create.
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import { explainVerdict, type ReadValue, type VerdictNode } from '../evaluate/explain-verdict.js'
import type { FieldSource } from '../fields/field-source.js'
import { and, type Kleene } from '../evaluate/kleene.js'
import type { RuleMatching } from '../evaluate/plain-evaluator.js'
import { prepareExpression, type PreparedExpression } from '../evaluate/prepare.js'
import { eventTypeOf } from '../fields/record/event-type.js'
import { fillTemplate, type FilledTemplate } from '../output/fill-template.js'
import { sourceOf, type GivenEvent } from './given-events/given-event.js'
import type { Firing } from '../correlation/evaluate-window.js'
import { priorityName } from '../rule-set/priority.js'
import { firingText } from '../correlation/correlation-alert.js'
import { verdictJson } from './explain/condition-tree.js'

/** A rule that is prepared for many evaluations. */
export interface PreparedRule {
  readonly rule: CompiledRule
  readonly holds: PreparedExpression
  /** The same over a map of fields. */
  readonly holdsOnFields: PreparedExpression
  readonly isInScope: PreparedExpression | null
  /** Event types for which it is evaluated. */
  readonly eventTypes: ReadonlySet<string>
}

/** The verdict of one rule on one event. */
export interface RuleVerdict {
  readonly rule: CompiledRule
  readonly verdict: Kleene
  /** false: the event is not in the rule's log source. A map of fields always counts as part of it, because that can't be checked. */
  readonly scope: Kleene
  /** Why the rule is never evaluated for such a record; null if it is, and for every map of fields. */
  readonly notAsked: string | null
  /** With matching first: the rule matches, but an earlier rule matches too, or may when its facts arrive. */
  readonly isShadowed: boolean
}

/** Prepares rules for many evaluations. */
export function prepareRules(rules: readonly CompiledRule[]): PreparedRule[] {
  return rules.map((rule) => ({
    rule,
    holds: prepareExpression(rule.condition),
    holdsOnFields: prepareExpression((rule.onFields ?? rule).condition),
    isInScope: rule.scope === null ? null : prepareExpression(rule.scope),
    eventTypes: new Set(rule.eventTypes),
  }))
}

const NO_TYPE = 'no rule is about a record without a system call'
/** Maximum event types that are named. */
const MAX_TYPES = 6

/** Why evaluators never evaluate the rule for such a record; null if they do. A map of fields is evaluated by every given rule. */
export function whyNotAsked(event: GivenEvent, { rule, eventTypes }: PreparedRule): string | null {
  if (event.kind === 'fields') return null
  if (rule.unavailable.length > 0) return "it can't fire yet on records"
  const type = eventTypeOf(event.ruleEvent.event)
  if (type === null) return NO_TYPE
  if (eventTypes.has(type)) return null
  const rest = eventTypes.size - MAX_TYPES
  const named = [...eventTypes].slice(0, MAX_TYPES).join(', ')
  return `it is about events ${named}${rest > 0 ? ` and ${String(rest)} more` : ''}`
}

/** Whether the event is in the rule's log source. A map of fields always counts as part of it, because that can't be checked. */
function scopeOf(event: GivenEvent, { isInScope }: PreparedRule, source: FieldSource): Kleene {
  return isInScope === null || event.kind === 'fields' ? true : isInScope(source)
}

/**
 * The verdict of a rule, as evaluators reach it: on records only if the rule is about their type and log source.
 *
 * @param source of the event; it caches the fields of a record from one rule to the next
 */
export function verdictOf(event: GivenEvent, prepared: PreparedRule, source: FieldSource): Kleene {
  if (event.kind === 'fields') return prepared.holdsOnFields(source)
  if (whyNotAsked(event, prepared) !== null) return false
  const scope = scopeOf(event, prepared, source)
  return scope === false ? false : and(scope, prepared.holds(source))
}

/** The verdict of every rule, in load order. */
export function verdictsOf(event: GivenEvent, rules: readonly PreparedRule[], matching: RuleMatching): RuleVerdict[] {
  const source = sourceOf(event)
  let isFirstFound = false
  return rules.map((prepared) => {
    const { rule } = prepared
    const verdict = verdictOf(event, prepared, source)
    const isOfFirst = matching === 'first' && rule.language === 'falco'
    const isShadowed = isOfFirst && isFirstFound && verdict === true
    if (isOfFirst && verdict !== false) isFirstFound = true
    return { rule, verdict, scope: scopeOf(event, prepared, source), notAsked: whyNotAsked(event, prepared), isShadowed }
  })
}

/** The tree of a rule for an event. */
export function explained(event: GivenEvent, rule: CompiledRule): VerdictNode {
  const { tree, condition } = event.kind === 'fields' ? (rule.onFields ?? rule) : rule
  return explainVerdict(tree, condition, sourceOf(event))
}

/** The alert text of a rule for an event. */
export function alertText(event: GivenEvent, rule: CompiledRule): FilledTemplate {
  return fillTemplate(rule.output, sourceOf(event))
}

/** Fields on which an unknown verdict depends, each once. */
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

/** The answer of a correlation, which concerns all events and follows their answers. */
export function firingAnswer(firing: Firing<number>): object {
  const { id, level, priority } = firing.correlation
  return { event: firing.completing.evidence, correlation: id, priority: level ?? priorityName(priority), ...firingText(firing) }
}

/** The answer for one event; `explain` has the form of answers to requests. */
export function eventAnswer(
  event: GivenEvent,
  index: number,
  verdicts: readonly RuleVerdict[],
  rules: readonly PreparedRule[],
  style: { isExplained: boolean; isEveryRule: boolean },
): object {
  const speaking = verdicts.filter(isAlerting)
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

/** Whether the rule creates an alert. A rule that only feeds a correlation does not. */
export function isAlerting({ rule, verdict, isShadowed }: RuleVerdict): boolean {
  return verdict === true && !isShadowed && rule.feeds?.isSilent !== true
}
