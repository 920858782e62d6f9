// The text output of `rules eval`: a block for each event, with the condition trees if requested.
import { firingText } from '../../../processors/rule-engine/correlation/correlation-alert.js'
import type { Firing } from '../../../processors/rule-engine/correlation/evaluate-window.js'
import { priorityName } from '../../../processors/rule-engine/rule-set/priority.js'
import { counted, printable } from '../../../infra/text/printable.js'
import { wrap, type Colors } from '../../terminal/terminal-text.js'
import { VERDICT_LEGEND, verdictLines, verdictText } from '../condition-lines.js'
import { eventTitle, type GivenEvent } from '../../../processors/rule-engine/workbench/given-events/given-event.js'
import { alertText, explained, waitsOn, isAlerting, type RuleVerdict } from '../../../processors/rule-engine/workbench/event-verdicts.js'

/** How verdicts are displayed. */
export interface EvalStyle {
  readonly width: number
  readonly colors: Colors
  /** Show the condition trees. */
  readonly isExplained: boolean
  /** Show every rule, as for rules requested by name; otherwise only those that match or may match. */
  readonly isEveryRule: boolean
}

const WORD_WIDTH = 9
const INDENT = ' '.repeat(WORD_WIDTH + 2)

/** The block of one event. */
export function eventBlock(event: GivenEvent, number: number, verdicts: readonly RuleVerdict[], style: EvalStyle): string {
  const { colors, width } = style
  const shown = style.isEveryRule ? verdicts : verdicts.filter(({ verdict }) => verdict !== false)
  const lines = [colors.bold(`event ${String(number)}: ${printable(eventTitle(event)).slice(0, width - 20)}`)]
  if (shown.length === 0) lines.push(`  ${colors.dim(noneText(verdicts))}`)
  for (const verdict of shown) lines.push(...ruleLines(event, verdict, style))
  return `${lines.join('\n')}\n`
}

function noneText(verdicts: readonly RuleVerdict[]): string {
  const isAsked = verdicts.some(({ notAsked }) => notAsked === null)
  return `none of ${counted(verdicts.length, 'rule')} ${isAsked || verdicts.length === 0 ? 'holds' : 'is about such an event'}`
}

function ruleLines(event: GivenEvent, given: RuleVerdict, style: EvalStyle): string[] {
  const { rule, verdict } = given
  const { colors, width } = style
  const word = verdictText(verdict).padEnd(WORD_WIDTH)
  const colored = verdict === true ? colors.green(word) : verdict === false ? colors.red(word) : colors.yellow(word)
  const lines = [`  ${colored}${printable(rule.name)}${notes(given)}`]
  const add = (text: string): void => {
    lines.push(...wrap(printable(text), width - INDENT.length).map((line) => INDENT + line))
  }
  if (isAlerting(given)) add(`${rule.level ?? priorityName(rule.priority)}: ${alertText(event, rule).output}`)
  const tree = style.isExplained || verdict === null ? explained(event, rule) : null
  if (verdict === null && tree !== null)
    add(`depends on ${waitsOn(tree).join(', ') || 'the log source'}: unknown until container facts arrive`)
  if (style.isExplained && tree !== null) {
    const treeStyle = { width: width - 4, colors, isWhole: true }
    lines.push(...verdictLines(tree, treeStyle).map((line) => `    ${line}`))
  }
  return lines
}

function notes({ rule, verdict, scope, notAsked, isShadowed }: RuleVerdict): string {
  const all = [
    ...(verdict === true && rule.feeds?.isSilent === true ? ['counted by a correlation, no alert of its own'] : []),
    ...(isShadowed ? ['an earlier rule matches first'] : []),
    ...(notAsked === null ? [] : [`not evaluated: ${notAsked}`]),
    ...(notAsked === null && scope === false ? [`not in its log source: ${rule.source}`] : []),
    ...(rule.isEnabled ? [] : ['the rule is off']),
    ...(rule.unavailable.length === 0 || notAsked !== null ? [] : ["can't fire yet on records"]),
  ]
  return all.length === 0 ? '' : printable(` (${all.join('; ')})`)
}

/** A correlation that fired over the events. */
export function firingBlock(firing: Firing<number>, { width, colors }: EvalStyle): string {
  const { name, level, priority } = firing.correlation
  const text = `${level ?? priorityName(priority)}: ${firingText(firing).output}`
  const lines = wrap(printable(text), width - INDENT.length).map((line) => INDENT + line)
  const head = `${colors.bold(`events up to ${String(firing.completing.evidence + 1)}:`)} ${printable(name)}`
  return `${[head, ...lines].join('\n')}\n\n`
}

/** What was evaluated. */
export interface EvalCounts {
  readonly events: number
  /** Events that no rule matches and that are therefore not shown. */
  readonly left: number
  readonly rules: number
  /** Correlations that may fire. */
  readonly correlations: number
  /** Correlations that fired. */
  readonly firings: number
}

/** The last line: how many events, rules, alerts. */
export function evalSummary(
  { events, left, rules, correlations, firings }: EvalCounts,
  all: readonly RuleVerdict[],
  isExplained: boolean,
): string {
  const alerts = all.filter(isAlerting).length + firings
  const open = all.filter(({ verdict }) => verdict === null).length
  const parts = [counted(events, 'event'), counted(rules, 'rule')]
  if (correlations > 0) parts.push(counted(correlations, 'correlation'))
  parts.push(counted(alerts, 'alert'))
  if (open > 0) parts.push(`${counted(open, 'verdict waits', 'verdicts wait')} for facts`)
  if (left > 0) parts.push(`${counted(left, 'event')} without a hit not shown`)
  return `${parts.join(', ')}\n${isExplained ? `${VERDICT_LEGEND}\n` : ''}`
}
