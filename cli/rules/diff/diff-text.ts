// The difference of two rule sets for people: rules, then alerts.
import { diffArrays } from 'diff'
import { counted } from '../../../infra/text/counted.js'
import { printable } from '../../../infra/text/printable.js'
import { priorityName } from '../../../processors/rule-engine/rule-set/priority.js'
import type { AlertDiff, RuleAlerts } from '../../../processors/rule-engine/workbench/diff/alert-diff.js'
import { correlationLines, linesOf } from '../../../processors/rule-engine/workbench/diff/meaning.js'
import {
  type Aspect,
  type ChangedRule,
  type DiffedRule,
  type RuleSetDiff,
  stateOf,
} from '../../../processors/rule-engine/workbench/diff/rule-set-diff.js'
import { type Colors, columnTable, cut } from '../../terminal/terminal-text.js'

/** Lines of a condition that did not change and are shown around those that did. */
const CONTEXT = 2

/** The rules that came, went and changed. */
export function rulesText(diff: RuleSetDiff, colors: Colors, width: number): string {
  const { added, removed, changed, same } = diff
  const lines = [
    ...removed.map((rule) => colors.red(`- ${headOf(rule)}`)),
    ...added.map((rule) => colors.green(`+ ${headOf(rule)}`)),
    ...changed.flatMap((change) => changeText(change, colors, width)),
  ]
  const counts = `${String(removed.length)} removed, ${String(added.length)} added, ${String(changed.length)} changed, ${String(same)} the same`
  return `${[...lines, ...(lines.length > 0 ? [''] : []), counts].join('\n')}\n`
}

function headOf({ name, priority, language }: DiffedRule): string {
  return `${printable(name)} (${language}, ${priorityName(priority)})`
}

function changeText({ before, after, aspects }: ChangedRule, colors: Colors, width: number): string[] {
  const details = aspects.flatMap((aspect) => aspectText(aspect, before, after, colors))
  return [colors.bold(`~ ${printable(after.name)}: ${aspects.join(', ')}`), ...details.map((line) => cut(line, width))]
}

function aspectText(aspect: Aspect, before: DiffedRule, after: DiffedRule, colors: Colors): string[] {
  const swap = (from: string, to: string): string[] => [colors.red(`    - ${printable(from)}`), colors.green(`    + ${printable(to)}`)]
  switch (aspect) {
    case 'meaning':
      return conditionText(before, after, colors)
    case 'output':
      return swap(before.outputText.trim(), after.outputText.trim())
    case 'priority':
      return swap(priorityName(before.priority), priorityName(after.priority))
    case 'tags':
      return swap(before.tags.join(', '), after.tags.join(', '))
    case 'state':
      return swap(stateOf(before), stateOf(after))
    case 'wording':
    case 'place in order':
      return []
  }
}

function conditionText(before: DiffedRule, after: DiffedRule, colors: Colors): string[] {
  return diffArrays(meaningLines(before), meaningLines(after)).flatMap((part) => {
    if (part.removed) return part.value.map((line) => colors.red(`    - ${printable(line)}`))
    if (part.added) return part.value.map((line) => colors.green(`    + ${printable(line)}`))
    return shortened(part.value).map((line) => `      ${printable(line)}`)
  })
}

function meaningLines(rule: DiffedRule): string[] {
  if (!('tree' in rule)) return correlationLines(rule)
  return [...(rule.source === 'syscall' ? [] : [`source: ${rule.source}`]), ...linesOf(rule.tree)]
}

function shortened(lines: readonly string[]): readonly string[] {
  const left = lines.length - 2 * CONTEXT
  return left <= 1 ? lines : [...lines.slice(0, CONTEXT), `... ${counted(left, 'line')} the same`, ...lines.slice(-CONTEXT)]
}

/** How many alerts each rule gave, where that changed. */
export function alertsText(diff: AlertDiff): string {
  const changed = diff.byRule.filter(({ comes, goes }) => comes + goes > 0)
  const head = `${counted(diff.events, 'event')}: ${counted(diff.before, 'alert')} before, ${String(diff.after)} after\n`
  if (changed.length === 0) return `${head}no alert comes, none goes\n`
  return (
    head +
    columnTable<RuleAlerts>(
      [
        { title: 'BEFORE', value: ({ before }) => String(before) },
        { title: 'AFTER', value: ({ after }) => String(after) },
        { title: 'GO', value: ({ goes }) => String(goes) },
        { title: 'COME', value: ({ comes }) => String(comes) },
        { title: 'RULE', value: ({ rule }) => rule },
      ],
      changed,
    )
  )
}
