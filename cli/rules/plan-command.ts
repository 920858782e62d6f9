// `eunomia rules plan`: what a collector must watch so that the rules miss nothing.
import type { Command } from 'commander'
import type { PathPattern, Watch, WatchPlan } from '../../infra/watch-plan/watch-plan.js'
import { forensicPlan, planFor } from '../../processors/rule-engine/plan/plan-watches.js'
import { columnTable, cut, widthOf } from '../terminal/terminal-text.js'
import { counted } from '../../infra/text/printable.js'
import { addRuleFlags, resolvedRules, loadGoodRules, type RuleFlags } from './rule-flags.js'

const EXAMPLES = `
An event is watched if any line matches it: its type and everything else in the line. Forks, execs and exits are always
watched, because they show which process did something, and in which container.

Examples:
  eunomia rules plan                                 for the rules that ship with Eunomia
  eunomia rules plan my-rules sigma-rules            for these
  eunomia rules plan my-rules --json > plan.json     for a collector
  eunomia rules plan --mode forensic                 everything`

interface PlanFlags extends RuleFlags {
  readonly mode: string
  readonly json: boolean
}

export function registerPlanCommand(rules: Command): void {
  const command = addRuleFlags(rules.command('plan'))
  command
    .description('show what the collector must watch for these rules')
    .argument('[paths...]', 'rule files and folders (default: rules.folders of the settings, else the rules that ship with Eunomia)')
    .addOption(
      command
        .createOption('--mode <mode>', 'what is watched: what the rules need, or everything')
        .choices(['detect', 'forensic'])
        .default('detect'),
    )
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: PlanFlags) => {
      const source = resolvedRules(command, options)
      const plan = options.mode === 'forensic' ? forensicPlan() : planFor((await loadGoodRules(paths, source)).ruleSet)
      process.stdout.write(options.json ? `${JSON.stringify(plan)}\n` : planText(plan))
    })
}

function planText(plan: WatchPlan): string {
  const { watches, dnsNames } = plan
  const what = plan.mode === 'forensic' ? 'everything' : `${counted(new Set(watches.flatMap(({ rules }) => rules)).size, 'rule')}`
  const head = `${counted(watches.length, 'watch', 'watches')} for ${what}\n\n`
  return head + table(watches) + (dnsNames ? '\nDNS is watched as well, for the names of addresses\n' : '')
}

function table(watches: readonly Watch[]): string {
  const width = widthOf(process.stdout)
  return columnTable<Watch>(
    [
      { title: 'TOPIC', value: ({ topic }) => topic },
      { title: 'TYPES', value: ({ eventTypes }) => cut(eventTypes.join(','), 30) },
      { title: 'ONLY', value: (watch) => cut(conditionsOf(watch), 30) },
      { title: 'RULES', value: ({ rules }) => String(rules.length) },
      { title: 'FILES', value: (watch) => cut(textsOf(watch), Math.max(20, width - 88)) },
    ],
    watches,
  )
}

function conditionsOf({ outcome, intents, routes }: Watch): string {
  return [outcome, intents === null ? null : intents.join(' or '), routes === null ? null : routes.join(' or ')]
    .filter((part) => part !== null)
    .join(', ')
}

function textsOf({ paths, givenPaths }: Watch): string {
  const all = [...(paths?.map(patternText) ?? []), ...(givenPaths?.map((pattern) => `named ${patternText(pattern)}`) ?? [])]
  return all.length > 3 ? `${String(all.length)}: ${all.join(' ')}` : all.join(' ')
}

function patternText({ kind, text, ignoresCase }: PathPattern): string {
  const shown = { path: text, prefix: `${text}*`, suffix: `*${text}`, part: `*${text}*`, name: `*/${text}`, glob: text }[kind]
  return ignoresCase ? `${shown} (any case)` : shown
}
