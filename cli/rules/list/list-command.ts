// `eunomia rules list`: the rules of files and folders, and which of them can fire.
import type { Command } from 'commander'
import type { CompiledRule } from '../../../processors/rule-engine/compiled-rule.js'
import { priorityName } from '../../../processors/rule-engine/priority.js'
import { columnTable } from '../../terminal/column-table.js'
import { cut, widthOf } from '../../terminal/terminal-text.js'
import { addRuleFlags, loadOptionsOf } from '../rule-flags.js'
import type { RuleFlags } from '../rule-flags.js'
import { loadRules } from '../rule-paths.js'

const EXAMPLES = `
Examples:
  eunomia rules list
  eunomia rules list falco_rules.yaml --waiting      rules that can't fire yet, and why
  eunomia rules list --json | jq -r '.[].name'`

export function registerListCommand(rules: Command): void {
  addRuleFlags(rules.command('list'))
    .description('rules with priority, events and state')
    .argument('[paths...]', 'rule files and folders (default: the rules that ship with Eunomia)')
    .option('--waiting', 'only rules that can not fire yet', false)
    .option('--json', 'one JSON array', false)
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], options: RuleFlags & { waiting: boolean; json: boolean }) => {
      const all = loadRules(paths, loadOptionsOf(options)).ruleSet.rules
      const shown = options.waiting ? all.filter((rule) => rule.unavailable.length > 0) : all
      process.stdout.write(options.json ? `${JSON.stringify(shown.map(ruleSummary))}\n` : table(shown))
    })
}

function ruleSummary(rule: CompiledRule): object {
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
    unavailable,
    eventTypes,
    tags,
    desc,
    source,
    version,
    place,
  }
}

function state(rule: CompiledRule): string {
  if (!rule.isEnabled) return 'off'
  return rule.unavailable.length === 0 ? 'on' : `waits: ${rule.unavailable.join('; ')}`
}

function table(rules: readonly CompiledRule[]): string {
  const nameWidth = 60
  const stateWidth = Math.max(20, widthOf(process.stdout) - nameWidth - 40)
  return columnTable<CompiledRule>(
    [
      { title: 'RULE', value: (rule) => cut(rule.name, nameWidth) },
      { title: 'PRIORITY', value: (rule) => priorityName(rule.priority) },
      { title: 'EVENTS', value: (rule) => cut(rule.eventTypes.join(','), 24) },
      { title: 'STATE', value: (rule) => cut(state(rule), stateWidth) },
    ],
    rules,
  )
}
