// `eunomia rules check`: loads rule files and reports every error with its place, the state of the rules, and what those that can't fire wait
// for. Exit status 1 if there are errors.
import type { Command } from 'commander'
import { UsageError } from '../../../infra/process/errors.js'
import type { Diagnostic } from '../../../processors/rule-engine/read/diagnostics.js'
import type { LoadResult } from '../../../processors/rule-engine/load/load-rules.js'
import { loadUntrustedFiles, readRuleFiles } from '../../../processors/rule-engine/load/rule-files.js'
import { counted } from '../../../infra/text/printable.js'
import { answerJsonLines } from '../../../infra/process/json-lines.js'
import { colorsFor, widthOf } from '../../terminal/terminal-text.js'
import { addRuleFlags, loadOptionsOf, resolvedRules, rulePaths, type ResolvedRules, type RuleFlags } from '../rule-flags.js'
import { checkReport } from '../../../processors/rule-engine/workbench/check/check-report.js'
import { countTable, notLiveTable, waitingTable, errorLines, excludedLines, warningLines } from './check-text.js'
import { fileCounts, notLiveRules, totalCounts, waitingFor } from '../../../processors/rule-engine/workbench/check/load-counts.js'
import { TriedRequests } from '../../../processors/rule-engine/workbench/tried-requests.js'
import { answerCheck } from '../../../processors/rule-engine/workbench/check/check-requests.js'

const EXAMPLES = `
Examples:
  eunomia rules check                       the rules that ship with Eunomia
  eunomia rules check falco_rules.yaml local.yaml
  eunomia rules check sigma/rules           which rules can fire, and what the others wait for
  eunomia rules check --fail-on-warnings my-rules
  eunomia rules check --json rules/ | jq .errors
  eunomia rules check --json - < requests.jsonl
                                            one {"id","format","files":[{"name","text"}]} a line

Exit status: 0 all rules load, 1 an error in some file (or a warning, with --fail-on-warnings), 2 wrong usage.`

interface CheckOptions extends RuleFlags {
  readonly json: boolean
  readonly quiet: boolean
  readonly all: boolean
  readonly failOnWarnings: boolean
}

/** Adds `rules check` to the rules commands. */
export function registerCheckCommand(rules: Command): void {
  addRuleFlags(rules.command('check'))
    .description('load rule files as one set and report every error; exit status 1 if there are any')
    .argument('[paths...]', 'rule files and folders, in load order; - for requests on stdin (with --json)')
    .option('--all', 'show every warning and reason, without folding', false)
    .option('--quiet', 'show errors and the summary only', false)
    .option('--fail-on-warnings', 'exit with status 1 if there are warnings, too', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: CheckOptions, command: Command) => {
      if (paths.includes('-')) {
        if (!options.json || paths.length > 1) throw new UsageError('- must be the only path and needs --json: requests are JSON lines')
        const load = loadOptionsOf(options)
        const requests = new TriedRequests(load)
        await answerJsonLines(process.stdin, process.stdout, async (request) => answerCheck(await requests.tried(request), load))
      } else {
        await checkPaths(paths, options, resolvedRules(command, options))
      }
    })
}

async function checkPaths(given: readonly string[], options: CheckOptions, source: ResolvedRules): Promise<void> {
  const paths = given.length > 0 ? given : rulePaths([], source.folders)
  const result = await loadUntrustedFiles(paths, source)
  const names = readRuleFiles(paths).files.map((file) => file.name)
  if (names.length === 0 && result.errors.length === 0)
    throw new UsageError(`no rule file in ${paths.join(', ')}: name a file or folder with rules (.yaml or .yml)`)
  if (result.errors.length > 0 || (options.failOnWarnings && result.warnings.length > 0)) process.exitCode = 1
  process.stdout.write(options.json ? `${JSON.stringify(checkReport(result, names))}\n` : checkText(result, names, options))
}

function checkText(result: LoadResult, names: readonly string[], { quiet, all }: CheckOptions): string {
  const style = { colors: colorsFor(process.stdout), isEach: all }
  const width = widthOf(process.stdout)
  const files = fileCounts(result, names)
  const reasons = waitingFor(result)
  const notLive = notLiveRules(result)
  const blocks = [errorLines(inOrder(result.errors, names), style).join('\n')]
  if (!quiet) {
    blocks.push(warningLines(inOrder(result.warnings, names), style).join('\n'), excludedLines(result, style).join('\n'))
    if (files.length > 0) blocks.push(countTable(files, width).trimEnd())
    if (notLive.length > 0) blocks.push(notLiveTable(notLive, width, all).trimEnd())
    if (reasons.length > 0) blocks.push(waitingTable(reasons, width, all).trimEnd())
  }
  const { rules, live, evaluable, waiting } = totalCounts(files)
  const stateWords = [
    `${String(live)} can fire`,
    ...(live < evaluable ? [`${String(evaluable - live)} not live`] : []),
    `${counted(waiting, 'waits', 'wait')} for fields or events`,
  ]
  const summary = [
    counted(names.length, 'file'),
    `${counted(rules, 'rule')} (${stateWords.join(', ')})`,
    counted(result.errors.length, 'error'),
    counted(result.warnings.length, 'warning'),
  ]
  return `${[...blocks.filter((block) => block !== ''), summary.join(', ')].join('\n\n')}\n`
}

/** By file, in load order, and by line in it. */
function inOrder<Kind extends Diagnostic<string>>(problems: readonly Kind[], names: readonly string[]): Kind[] {
  const indexOf = new Map(names.map((name, index) => [name, index]))
  const fileOf = ({ place }: Kind): number => indexOf.get(place.file) ?? -1
  return [...problems].sort((a, b) => fileOf(a) - fileOf(b) || a.place.line - b.place.line || a.place.column - b.place.column)
}
