// `eunomia rules diff OLD NEW`: which rules changed their meaning, and, on recorded events, which alerts appear and disappear.
import type { Command } from 'commander'
import { diffArrays } from 'diff'
import type { RuleMatching } from '../../processors/rule-engine/evaluate/plain-evaluator.js'
import { counted, printable } from '../../infra/text/printable.js'
import { colorsFor, cut, widthOf, columnTable, type Colors } from '../terminal/terminal-text.js'
import { RecordedEvents } from '../../processors/rule-engine/workbench/given-events/recorded-events.js'
import { addRuleFlags, resolvedRules, loadGoodRules, type RuleFlags } from './rule-flags.js'
import { diffAlerts, type AlertChange, type AlertDiff, type RuleAlerts } from '../../processors/rule-engine/workbench/diff/alert-diff.js'
import {
  diffRuleSets,
  correlationLines,
  linesOf,
  stateOf,
  type DiffedRule,
  type RuleSetDiff,
  type Aspect,
  type ChangedRule,
} from '../../processors/rule-engine/workbench/diff/rule-set-diff.js'
import { priorityName } from '../../processors/rule-engine/rule-set/priority.js'

const EXAMPLES = `
Rules are compared with their macros, lists and exceptions expanded. \`meaning\`: the verdict on some event may differ.
\`wording\`: the condition is only written differently. Exit status 0, or, with --exit-code, 1 if rules or alerts differ.

Examples:
  eunomia rules diff rules my-rules
  eunomia rules diff old.yaml new.yaml --events yesterday.jsonl
  eunomia collect --output json > yesterday.jsonl      records events to try rules on`

/** Maximum alerts in the text output and in the JSON output; counts include all. */
const SHOWN_ALERTS = 20
const JSON_ALERTS = 10_000

interface DiffFlags extends RuleFlags {
  readonly events?: string
  readonly matching?: RuleMatching
  readonly exitCode: boolean
  readonly json: boolean
}

export function registerDiffCommand(rules: Command): void {
  const command = addRuleFlags(rules.command('diff'))
  command
    .description('which rules changed between two sets, and which alerts appear and disappear')
    .argument('<old>', 'rule file or folder')
    .argument('<new>', 'rule file or folder')
    .option('--events <file>', 'recorded events (collect --output json) to evaluate with both sets; - for standard input')
    .addOption(
      command
        .createOption('--matching <which>', 'which matching Falco rules create alerts (default: rules.matching of the settings)')
        .choices(['first', 'all']),
    )
    .option('--exit-code', 'exit with 1 if something differs', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(compare)
}

async function compare(oldPath: string, newPath: string, options: DiffFlags, command: Command): Promise<void> {
  const load = resolvedRules(command, options)
  const sets = { before: (await loadGoodRules([oldPath], load)).ruleSet, after: (await loadGoodRules([newPath], load)).ruleSet }
  const diff = diffRuleSets(sets.before, sets.after)
  const changes: AlertChange[] = []
  const alerts =
    options.events === undefined
      ? null
      : await diffAlerts(sets, options.matching ?? load.matching ?? 'first', new RecordedEvents(options.events).read(), (change) => {
          if (changes.length < JSON_ALERTS) changes.push(change)
        })
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ ...json(diff), alerts: alerts === null ? null : { ...alerts, changes: changes.map(changeJson) } })}\n`,
    )
  } else {
    process.stdout.write(rulesText(diff, colorsFor(process.stdout), widthOf(process.stdout)))
    if (alerts !== null) process.stdout.write(`\n${alertsText(alerts)}${changesText(changes)}`)
  }
  const isDifferent = diff.added.length + diff.removed.length + diff.changed.length > 0 || changes.length > 0
  if (options.exitCode && isDifferent) process.exitCode = 1
}

function changesText(changes: readonly AlertChange[]): string {
  if (changes.length === 0) return ''
  const width = widthOf(process.stdout)
  const lines = changes
    .slice(0, SHOWN_ALERTS)
    .map(({ change, alert }) => cut(`${change === 'comes' ? '+' : '-'} ${printable(alert.rule)}: ${printable(alert.output)}`, width))
  const more = changes.length - SHOWN_ALERTS
  return `\n${[...lines, ...(more > 0 ? [`... and ${counted(more, 'more alert')}; --json has them`] : [])].join('\n')}\n`
}

function json({ added, removed, changed, same }: RuleSetDiff): object {
  const name = ({ id, name, language }: DiffedRule): object => ({ id, name, language })
  return {
    added: added.map(name),
    removed: removed.map(name),
    changed: changed.map(({ before, after, aspects }) => ({
      ...name(after),
      aspects,
      before: versionJson(before),
      after: versionJson(after),
    })),
    same,
  }
}

function versionJson(rule: DiffedRule): object {
  return { compiled: 'tree' in rule ? rule.compiledText : rule.conditionText, version: rule.version }
}

function changeJson({ change, alert }: AlertChange): object {
  const { alertId, rule, ruleId, output, origin } = alert
  return { change, alertId, rule, ruleId, output, time: new Date(origin.wallTimeUs / 1000).toISOString() }
}

/** Unchanged lines of a condition that are shown around the changed ones. */
const CONTEXT = 2

/** The rules that were added, removed and changed. */
function rulesText(diff: RuleSetDiff, colors: Colors, width: number): string {
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

/** The alert counts of each rule whose alerts changed. */
function alertsText(diff: AlertDiff): string {
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
