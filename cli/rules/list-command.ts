// `eunomia rules list`: the rules of files and folders, and which of them can fire.
import type { Command } from 'commander'
import { priorityName } from '../../processors/rule-engine/rule-set/priority.js'
import { repeated } from '../settings.js'
import { columnTable, cut, widthOf } from '../terminal/terminal-text.js'
import { counted, printable } from '../../infra/text/printable.js'
import {
  listedRules,
  ruleSummary,
  isLive,
  RULE_LANGUAGES,
  RULE_STATES,
  ruleFilter,
  type ListedRule,
  type RuleFilter,
} from '../../processors/rule-engine/workbench/rule-list.js'
import { addRuleFlags, resolvedRules, loadGoodRules, type RuleFlags } from './rule-flags.js'

const EXAMPLES = `
Examples:
  eunomia rules list
  eunomia rules list falco_rules.yaml sigma/rules --tag T1059       includes its sub-techniques
  eunomia rules list falco_rules.yaml --state waiting               rules that can't fire yet, and why
  eunomia rules list --minimum-priority critical --text shell
  eunomia rules list --json | jq -r '.[].name'`

interface ListOptions extends RuleFlags, RuleFilter {
  readonly waiting: boolean
  readonly json: boolean
}

/** Adds `rules list` to the rules commands. */
export function registerListCommand(rules: Command): void {
  addRuleFlags(rules.command('list'))
    .description('list rules with priority, events and state')
    .argument('[paths...]', 'rule files and folders (default: rules.folders of the settings, else the rules that ship with Eunomia)')
    .option('--text <text>', 'only rules whose name, id or description contains this text')
    .option('--tag <tag>', 'only rules with this tag or ATT&CK technique; if repeated, a rule must have all of them', repeated)
    .option('--language <language>', `only rules in this language: ${RULE_LANGUAGES.join(', ')}`)
    .option('--state <state>', `only rules in this state: ${RULE_STATES.join(', ')}`)
    .option('--waiting', 'the same as --state waiting', false)
    .option('--json', 'print one JSON array', false)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: ListOptions, command: Command) => {
      const isWanted = ruleFilter(options.waiting ? { ...options, state: 'waiting' } : options)
      const all = listedRules((await loadGoodRules(paths, resolvedRules(command, options))).ruleSet)
      const shown = all.filter(isWanted)
      process.stdout.write(
        options.json ? `${JSON.stringify(shown.map(ruleSummary))}\n` : listText(shown, all.length, widthOf(process.stdout)),
      )
    })
}

/** Maximum columns of a name; fewer if rules wait, because the reasons need room. */
const MAX_NAME = 56
const MAX_NAME_WAITING = 42
const MAX_EVENTS = 22
const NOT_LIVE = 'not live: this collector version does not emit the events of these rules\n'

/** The table and the count. Rows have at most `width` columns if that is 80 or more. */
export function listText(rules: readonly ListedRule[], all: number, width: number): string {
  const longest = Math.max(4, ...rules.map((rule) => [...printable(rule.name)].length))
  const isWaiting = rules.some((rule) => rule.isEnabled && rule.unavailable.length > 0)
  const nameWidth = Math.min(longest, isWaiting ? MAX_NAME_WAITING : MAX_NAME, Math.max(24, width - 60))
  const eventsWidth = Math.min(MAX_EVENTS, Math.max(6, ...rules.map((rule) => eventsText(rule).length)))
  const stateWidth = Math.max(8, width - nameWidth - eventsWidth - 13 - 5 - 8)
  const table = columnTable<ListedRule>(
    [
      { title: 'RULE', value: (rule) => cut(printable(rule.name), nameWidth) },
      { title: 'PRIORITY', value: (rule) => priorityName(rule.priority) },
      { title: 'KIND', value: (rule) => rule.language },
      { title: 'EVENTS', value: (rule) => cut(eventsText(rule), eventsWidth) },
      { title: 'STATE', value: (rule) => cut(stateText(rule), stateWidth) },
    ],
    rules,
  )
  const count = rules.length === all ? counted(all, 'rule') : `${String(rules.length)} of ${counted(all, 'rule')}`
  const legend = rules.some((rule) => rule.isEnabled && rule.unavailable.length === 0 && !isLive(rule)) ? NOT_LIVE : ''
  return rules.length === 0 ? `${count}\n` : `${table}\n${count}\n${legend}`
}

/** The first few event types, and the number of the others. */
function eventsText({ eventTypes, source }: ListedRule): string {
  if (source === 'correlation') return 'of other rules'
  const [first = '-', second, ...rest] = eventTypes
  return [first, ...(second === undefined ? [] : [second]), ...(rest.length === 0 ? [] : [`+${String(rest.length)}`])].join(',')
}

function stateText(rule: ListedRule): string {
  if (!rule.isEnabled) return 'off'
  if (rule.unavailable.length > 0) return `waits: ${printable(rule.unavailable.map(shortReason).join(', '))}`
  return ['on', ...(rule.isSilent === true ? ['feeds only'] : []), ...(isLive(rule) ? [] : ['not live'])].join(', ')
}

/** `fd.ip` for `fd.ip: connections are not collected yet`: `rules explain` has the whole sentence. */
function shortReason(reason: string): string {
  return /^([^\s:]+): /.exec(reason)?.[1] ?? reason
}
