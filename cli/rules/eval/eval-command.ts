// `eunomia rules eval`: evaluates given events against a condition or rules. For people: a few events from a file, with reasons. For programs:
// many requests as JSON lines.
import type { Command } from 'commander'
import { UsageError } from '../../../infra/process/errors.js'
import { EventSequence } from '../../../processors/rule-engine/correlation/event-sequence.js'
import { repeated } from '../../settings.js'
import { answerJsonLines, writeText } from '../../../infra/process/json-lines.js'
import { colorsFor, widthOf } from '../../terminal/terminal-text.js'
import { sourceOf, timeOfEvent } from '../../../processors/rule-engine/workbench/given-events/given-event.js'
import { readEventFiles } from '../../../processors/rule-engine/workbench/given-events/read-events.js'
import { addRuleFlags, loadOptionsOf, resolvedRules, loadGoodRules, type ResolvedRules, type RuleFlags } from '../rule-flags.js'
import { TriedRequests } from '../../../processors/rule-engine/workbench/tried-requests.js'
import { EvalRequests } from '../../../processors/rule-engine/workbench/eval-requests.js'
import { evalSummary, eventBlock, firingBlock } from './eval-text.js'
import {
  prepareRules,
  verdictsOf,
  firingAnswer,
  eventAnswer,
  type RuleVerdict,
} from '../../../processors/rule-engine/workbench/event-verdicts.js'
import { wantedRules } from '../../../processors/rule-engine/workbench/wanted-rules.js'
import { printable } from '../../../infra/text/printable.js'

const EXAMPLES = `
Examples:
  eunomia rules eval --event event.json                           which of the shipped rules match
  eunomia rules eval --rule 'Terminal shell in container' --event event.yaml --explain falco_rules.yaml
  eunomia rules eval --rule sigma/rules/linux/x.yml --event - < event.json
  eunomia rules eval --condition 'proc.name in (nc, ncat)' --event event.json --explain
  eunomia collect --output json --duration 10s | eunomia rules eval --event - my-rules
  echo '{"id":1,"condition":"proc.name = cat","fields":{"proc.name":"cat"}}' | eunomia rules eval --json
  echo '{"id":2,"rulesFiles":["rules"],"events":[{"evt.type":"execve"}],"explain":true}' | eunomia rules eval --json

An event is an object of fields ({"proc.name": "cat"}, {"Image": "/bin/cat"}), a record as collect prints it
({"topic": "file", …}; missing parts are blank; "container": host, unknown, absent or facts), or a Windows event.
A file holds one event, a list, or one event a line, as JSON or YAML.`

/** With this many events or more, only those are shown for which a rule matches or may match. */
const MANY_EVENTS = 20

interface EvalOptions extends RuleFlags {
  readonly rule?: readonly string[]
  readonly condition?: string
  readonly event?: readonly string[]
  readonly explain: boolean
  readonly matching?: string
  readonly json: boolean
}

/** Adds `rules eval` to the rules commands. */
export function registerEvalCommand(rules: Command): void {
  addRuleFlags(rules.command('eval'))
    .description('evaluate events from a file, with reasons; or requests as JSON lines on stdin (--json without --event)')
    .argument('[paths...]', 'rule files and folders (default: rules.folders of the settings, else the rules that ship with Eunomia)')
    .option('--rule <name|file>', 'only this rule, by name or id, or the rules of this file; may be repeated', repeated)
    .option('--condition <condition>', 'a Falco condition in place of rules')
    .option('--event <file>', 'events to evaluate; - for stdin; may be repeated', repeated)
    .option('--explain', 'show the condition as a tree with the values and verdict of each check', false)
    .option(
      '--matching <how>',
      'all: every matching rule; first: of the Falco rules, only the first that matches (default: rules.matching of the settings, else all)',
    )
    .option('--json', 'print one JSON object for each event; without --event, JSON lines in and out', false)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: EvalOptions, command: Command) => {
      if (options.event !== undefined) return await evalEvents(paths, options, options.event, resolvedRules(command, options))
      if (!options.json) throw new UsageError('no events: give --event FILE, or --json and requests on stdin (see rules eval --help)')
      if (paths.length > 0 || options.rule !== undefined || options.condition !== undefined)
        throw new UsageError('without --event, the requests on stdin contain the rules: "rules", "rulesFiles" or "condition"')
      const load = loadOptionsOf(options)
      const [tried, requests] = [new TriedRequests(load), new EvalRequests({ isExplained: options.explain, load })]
      await answerJsonLines(process.stdin, process.stdout, async (request) => requests.answer(await tried.tried(request)))
    })
}

async function evalEvents(paths: readonly string[], options: EvalOptions, files: readonly string[], source: ResolvedRules): Promise<void> {
  const { matching = source.matching ?? 'all', explain, json } = options
  if (matching !== 'first' && matching !== 'all') throw new UsageError(`--matching: expected first or all, not '${matching}'`)
  const wanted = await wantedRules(paths, options, async (some) => (await loadGoodRules(some, source)).ruleSet)
  for (const note of wanted.notes) process.stderr.write(`${printable(note)}\n`)
  const rules = prepareRules(wanted.rules)
  const events = readEventFiles(files)
  const style = {
    width: widthOf(process.stdout),
    colors: colorsFor(process.stdout),
    isExplained: explain,
    isEveryRule: options.rule !== undefined || options.condition !== undefined,
  }
  const isBrief = !json && events.length >= MANY_EVENTS && !(explain && style.isEveryRule)
  const all: RuleVerdict[] = []
  let left = 0
  const sequence = new EventSequence()
  for (const [index, event] of events.entries()) {
    const verdicts = verdictsOf(event, rules, matching)
    sequence.next(timeOfEvent(event))
    for (const { rule, verdict, isShadowed } of verdicts) {
      if (verdict === true && !isShadowed) sequence.matched(rule, sourceOf(event))
    }
    const hits = verdicts.filter(({ verdict }) => verdict !== false)
    all.push(...hits)
    if (isBrief && hits.length === 0) {
      left++
      continue
    }
    const block = json
      ? `${JSON.stringify(eventAnswer(event, index, verdicts, rules, style))}\n`
      : `${eventBlock(event, index + 1, isBrief ? hits : verdicts, style)}\n`
    await writeText(process.stdout, block)
  }
  const speaking = new Set(wanted.correlations.map(({ id }) => id))
  const firings = sequence.firings().filter(({ correlation }) => speaking.has(correlation.id))
  for (const firing of firings)
    await writeText(process.stdout, json ? `${JSON.stringify(firingAnswer(firing))}\n` : firingBlock(firing, style))
  const counts = { events: events.length, left, rules: rules.length, correlations: speaking.size, firings: firings.length }
  if (!json) process.stdout.write(evalSummary(counts, all, explain))
}
