// `eunomia rules plan`: what a collector must watch so that the rules miss nothing.
import type { Command } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import type { PathPattern, Watch, WatchPlan } from '../../infra/watch-plan/watch-plan.js'
import { StreamShares, type RuleShare } from '../../processors/rule-engine/plan/coverage.js'
import { forensicPlan, planFor } from '../../processors/rule-engine/plan/plan-watches.js'
import { RecordedEvents } from '../../processors/rule-engine/workbench/given-events/recorded-events.js'
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
  eunomia rules plan --mode forensic                 everything
  eunomia rules plan my-rules --on events.json       what share of recorded events each rule lets through
  eunomia collect --capture FILE --output json | eunomia rules plan --on -`

interface PlanFlags extends RuleFlags {
  readonly mode: string
  readonly on?: string
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
    .option('--on <file>', 'events as `collect --output json` prints them, - for stdin: show what share of them each rule lets through')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: PlanFlags) => {
      const source = resolvedRules(command, options)
      if (options.mode === 'forensic' && options.on !== undefined)
        throw new UsageError('--on shows the shares of rules: it needs --mode detect')
      if (options.mode === 'forensic') return write(options.json ? JSON.stringify(forensicPlan()) : planText(forensicPlan()))
      const { ruleSet } = await loadGoodRules(paths, source)
      const shares = new StreamShares(ruleSet.activeRules)
      if (options.on !== undefined) {
        for await (const event of new RecordedEvents(options.on).read()) shares.add(event)
        return write(options.json ? JSON.stringify(sharesJson(shares)) : sharesText(shares))
      }
      const plan = planFor(ruleSet)
      write(options.json ? JSON.stringify(plan) : `${planText(plan)}\n${rulesTable(shares)}`)
    })
}

const write = (text: string): void => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)

/** Rules by the part of the events that they let through, most first. */
function sharesText(shares: StreamShares): string {
  const { events, covered } = shares
  const head = `${counted(events, 'event')}, of which the rules let ${String(covered)} through (${percent(covered, events)})`
  return `${head}\nThe kernel also lets through forks, execs and exits, for the processes, and opens by handle.\n\n${rulesTable(shares)}`
}

function sharesJson({ events, covered, rules }: StreamShares): object {
  return { events, covered, rules: rules.map(({ rule: { id, name }, events: letThrough }) => ({ id, name, events: letThrough })) }
}

const percent = (part: number, whole: number): string =>
  `${whole === 0 ? '0' : ((part / whole) * 100).toFixed(part === 0 || part === whole ? 0 : 2)} %`

/** What the kernel decides for each rule. Which process, container or time it is, it never does. */
function rulesTable({ events, rules }: StreamShares): string {
  const rows = [...rules].sort((a, b) => b.events - a.events)
  return columnTable<RuleShare>(
    [
      ...(events === 0 ? [] : [{ title: 'LETS THROUGH', value: (share: RuleShare) => percent(share.events, events) }]),
      { title: 'RULE', value: ({ rule }) => cut(rule.name, 50) },
      { title: 'THE KERNEL DECIDES', value: ({ watches }) => cut(decidedOf(watches), Math.max(20, widthOf(process.stdout) - 70)) },
    ],
    rows,
  )
}

function decidedOf(watches: readonly Watch[]): string {
  if (watches.length === 0) return 'all: it can match nothing'
  const parts = watches.map((watch) => {
    const { eventTypes, paths, givenPaths } = watch
    const files = [
      ...(paths === null ? [] : [counted(paths.length, 'path')]),
      ...(givenPaths === null ? [] : [counted(givenPaths.length, 'path as given', 'paths as given')]),
    ]
    const decided = [conditionsOf(watch), files.join(' and ')].filter((part) => part !== '')
    return [cut(eventTypes.join(','), 30), ...(decided.length === 0 ? ['all of them come'] : decided)].join(': ')
  })
  return [...new Set(parts)].join('; ')
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
