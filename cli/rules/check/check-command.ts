// `eunomia rules check`: loads rule files and tells every mistake with its place. Exit status 1 when there are errors.
import type { Command } from 'commander'
import { UsageError } from '../../../infra/errors.js'
import { diagnosticText } from '../../../processors/rule-engine/diagnostics.js'
import { loadRules } from '../../../processors/rule-engine/load-rules.js'
import type { RuleFile } from '../../../processors/rule-engine/read/rule-file.js'
import { loadRuleFiles, readRuleFiles } from '../../../processors/rule-engine/rule-files.js'
import { counted } from '../../terminal/counted.js'
import { answerJsonLines } from '../../terminal/json-lines.js'
import { colorsFor, printable } from '../../terminal/terminal-text.js'
import { checkReport } from './check-report.js'
import { addRuleFlags, loadOptionsOf } from '../rule-flags.js'
import type { RuleFlags } from '../rule-flags.js'
import { rulePaths } from '../rule-paths.js'
import { requestLanguage } from '../rule-format.js'

const EXAMPLES = `
Examples:
  eunomia rules check                       the rules that ship with Eunomia
  eunomia rules check falco_rules.yaml local.yaml
  eunomia rules check --json rules/ | jq .errors
  eunomia rules check --json - < requests.jsonl
                                            one {"id","format","files":[{"name","text"}]} a line`

export function registerCheckCommand(rules: Command): void {
  addRuleFlags(rules.command('check'))
    .description('load rule files as one set and tell every mistake; exit status 1 when there are any')
    .argument('[paths...]', 'rule files and folders, in load order; - for requests on stdin (with --json)')
    .option('--json', 'one JSON object', false)
    .option('--quiet', 'errors only, no warnings', false)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: CheckOptions) => {
      if (paths.includes('-')) {
        if (!options.json || paths.length > 1) throw new UsageError('- stands alone and needs --json: requests are JSON lines')
        await answerJsonLines(process.stdin, process.stdout, answerCheck)
      } else {
        checkPaths(paths, options)
      }
    })
}

interface CheckOptions extends RuleFlags {
  readonly json: boolean
  readonly quiet: boolean
}

function checkPaths(given: readonly string[], options: CheckOptions): void {
  const paths = given.length > 0 ? given : rulePaths([])
  const result = loadRuleFiles(paths, loadOptionsOf(options))
  const names = readRuleFiles(paths).files.map((file) => file.name)
  if (result.errors.length > 0) process.exitCode = 1
  if (options.json) {
    process.stdout.write(`${JSON.stringify(checkReport(result, names))}\n`)
    return
  }
  const colors = colorsFor(process.stdout)
  for (const error of result.errors) process.stdout.write(`${colors.red('error')}   ${printable(diagnosticText(error))}\n`)
  if (!options.quiet) {
    for (const warning of result.warnings) process.stdout.write(`${colors.yellow('warning')} ${printable(diagnosticText(warning))}\n`)
  }
  const rules = result.ruleSet?.rules ?? []
  const active = result.ruleSet?.activeRules.length ?? 0
  const waiting = result.ruleSet?.waitingRules.length ?? 0
  const summary = [
    counted(names.length, 'file'),
    `${counted(rules.length, 'rule')} (${String(active)} can fire, ${counted(waiting, 'waits', 'wait')} for fields or events)`,
    counted(result.errors.length, 'error'),
    counted(result.warnings.length, 'warning'),
  ]
  process.stdout.write(`${summary.join(', ')}\n`)
}

/** Answers one request of the batch mode. @throws UsageError for a request without files */
export function answerCheck(request: Readonly<Record<string, unknown>>): object {
  const id = request['id'] ?? null
  const files = requestFiles(request['files'])
  return {
    id,
    ...checkReport(
      loadRules(files, requestLanguage(request)),
      files.map((file) => file.name),
    ),
  }
}

function requestFiles(given: unknown): RuleFile[] {
  if (!Array.isArray(given)) throw new UsageError('files: expected a list of {"name","text"}')
  return given.map((file: unknown) => {
    if (typeof file !== 'object' || file === null || !('text' in file) || typeof file.text !== 'string') {
      throw new UsageError('files: expected a list of {"name","text"}')
    }
    return { name: 'name' in file && typeof file.name === 'string' ? file.name : 'rules.yaml', text: file.text }
  })
}
