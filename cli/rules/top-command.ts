// `eunomia rules top`: what each rule costs and how often it fires, in a running command or on recorded events.
import type { Command } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import type { RuleMatching } from '../../processors/rule-engine/evaluate/plain-evaluator.js'
import { commandContext } from '../settings.js'
import { widthOf, cut, columnTable } from '../terminal/terminal-text.js'
import { RecordedEvents } from '../../processors/rule-engine/workbench/given-events/recorded-events.js'
import { addRuleFlags, resolvedRules, loadGoodRules, type RuleFlags } from './rule-flags.js'
import {
  rulesOfPage,
  rulesOnEvents,
  costUs,
  shareOf,
  orderOf,
  sortedRules,
  TOP_ORDERS,
  type TopRule,
} from '../../processors/rule-engine/workbench/rule-figures.js'
import { counted, printable } from '../../infra/text/printable.js'

const EXAMPLES = `
Counts start when the rules take effect. A rule is evaluated only on the events that the filter lets through to it:
SHARE is their part of all events. In a running command, time is estimated from one evaluation in 64 of each rule.

Examples:
  eunomia rules top                                   the command whose metrics page the settings name (metrics.port)
  eunomia rules top --url http://127.0.0.1:9464/metrics --sort matched        the noisy rules first
  eunomia rules top --never                           rules that never fired
  eunomia rules top rules falco_rules.yaml --events yesterday.jsonl --json`

interface TopFlags extends RuleFlags {
  readonly url?: string
  readonly events?: string
  readonly matching?: RuleMatching
  readonly sort: string
  readonly limit: string
  readonly never: boolean
  readonly json: boolean
}

/** Adds `rules top` to the rules commands. */
export function registerTopCommand(rules: Command): void {
  const command = addRuleFlags(rules.command('top'))
  command
    .description('show which rules are costly, which are noisy, which never fire')
    .argument(
      '[paths...]',
      'rule files and folders for --events (default: rules.folders of the settings, else the rules that ship with Eunomia)',
    )
    .option('--url <url>', 'metrics page of a running command')
    .option('--events <file>', 'recorded events (collect --output json) to evaluate instead; - for standard input')
    .addOption(
      command
        .createOption(
          '--matching <which>',
          'with --events: which matching Falco rules create alerts (default: rules.matching of the settings)',
        )
        .choices(['first', 'all']),
    )
    .option('--sort <order>', `${TOP_ORDERS.join(', ')}; highest first`, 'time')
    .option('--limit <rules>', 'maximum rules that are shown; 0 for all', '20')
    .option('--never', 'only rules that never matched', false)
    .option('--json', 'print one JSON array of all rules', false)
    .addHelpText('after', EXAMPLES)
    .action(showTop)
}

async function showTop(paths: readonly string[], flags: TopFlags, command: Command): Promise<void> {
  const order = orderOf(flags.sort)
  const limit = limitOf(flags.limit)
  const all = await figuresOf(paths, flags, command)
  const wanted = sortedRules(all, order).filter(({ matched }) => !flags.never || matched === 0)
  if (flags.json) process.stdout.write(`${JSON.stringify(wanted.map(json))}\n`)
  else process.stdout.write(topText(limit === 0 ? wanted : wanted.slice(0, limit), all, widthOf(process.stdout)))
}

async function figuresOf(paths: readonly string[], flags: TopFlags, command: Command): Promise<TopRule[]> {
  if (flags.events !== undefined) {
    if (flags.url !== undefined) throw new UsageError('use either --url or --events, not both')
    const source = resolvedRules(command, flags)
    const { ruleSet } = await loadGoodRules(paths, source)
    return await rulesOnEvents(ruleSet, flags.matching ?? source.matching ?? 'first', new RecordedEvents(flags.events).read())
  }
  if (paths.length > 0) throw new UsageError('rule files need --events FILE; a running command has its own rules')
  return await rulesOfPage(flags.url ?? pageOfSettings(command))
}

function pageOfSettings(command: Command): string {
  const { host, port } = commandContext(command, [], 'warn').config.metrics
  if (port !== null && port !== 0) return `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}/metrics`
  throw new UsageError(
    'no metrics page is known: name it with --url (run and process serve one with --metrics-port), or use recorded events with --events FILE',
  )
}

function limitOf(text: string): number {
  if (!/^[0-9]{1,6}$/.test(text)) throw new UsageError(`--limit: expected a whole number, not '${text}'`)
  return Number(text)
}

function json(rule: TopRule): object {
  const { name, evaluated, matched, seconds } = rule
  return { rule: name, evaluated, matched, seconds, microsecondsPerEvaluation: costUs(rule), share: shareOf(rule) }
}

/** Columns before the name, with the blanks between. */
const NUMBERS_WIDTH = 55

const shareText = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(3)} %`)

/** @param shown the rows; @param all what they were chosen from */
export function topText(shown: readonly TopRule[], all: readonly TopRule[], width: number): string {
  const totalSeconds = all.reduce((sum, { seconds }) => sum + seconds, 0)
  const share = (seconds: number): string => (totalSeconds === 0 ? '-' : `${((seconds / totalSeconds) * 100).toFixed(1)} %`)
  const table = columnTable<TopRule>(
    [
      { title: 'TIME', value: ({ seconds }) => share(seconds).padStart(7) },
      { title: 'US/EVAL', value: (rule) => (rule.seconds === 0 ? '-' : costUs(rule).toFixed(2)).padStart(9) },
      { title: 'EVALUATED', value: ({ evaluated }) => String(evaluated).padStart(9) },
      { title: 'SHARE', value: (rule) => shareText(shareOf(rule)).padStart(9) },
      { title: 'MATCHED', value: ({ matched }) => String(matched).padStart(8) },
      { title: 'RULE', value: ({ name }) => cut(printable(name), Math.max(20, width - NUMBERS_WIDTH)) },
    ],
    shown,
  )
  const matched = all.filter((rule) => rule.matched > 0).length
  const unevaluated = all.filter(({ evaluated }) => evaluated === 0).length
  const summary = [
    `${counted(all.length, 'rule')}: ${String(matched)} matched, ${String(all.length - matched)} never did`,
    `${String(unevaluated)} ${unevaluated === 1 ? 'was' : 'were'} never evaluated`,
    `${totalSeconds.toFixed(3)} s in all`,
  ]
  const rest = shown.length < all.length ? `... ${counted(all.length - shown.length, 'more rule')}; --limit 0 shows all\n` : ''
  return `${table}${rest}${summary.join('; ')}\n`
}
