// `eunomia rules parse`: checks the grammar of a condition, and its fields, operators and values.
import type { Command } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import { parseCondition } from '../../processors/rule-engine/language/parser.js'
import { printCondition } from '../../processors/rule-engine/language/printer.js'
import { answerJsonLines } from '../../infra/process/json-lines.js'
import { printable } from '../../infra/text/printable.js'
import { colorsFor } from '../terminal/terminal-text.js'
import { answerParse, checkCondition, noteText } from '../../processors/rule-engine/workbench/check/check-requests.js'

const EXAMPLES = `
Examples:
  eunomia rules parse 'evt.type = execve and proc.name in (nc, ncat)'
  eunomia rules parse --level syntax 'my_macro and not other_macro'
  echo '{"id":1,"condition":"proc.pid > 1","level":"compile"}' | eunomia rules parse --json`

const LEVELS = ['syntax', 'compile']

export function registerParseCommand(rules: Command): void {
  rules
    .command('parse')
    .description('check one condition, or many as JSON lines {"id","condition","level"} on stdin')
    .argument('[condition]', 'the condition; without --json')
    .option('--level <level>', 'syntax: the grammar only; compile: fields, operators and values too', 'compile')
    .option('--json', 'JSON lines in and out', false)
    .addHelpText('after', EXAMPLES)
    .action(async (condition: string | undefined, options: { level: string; json: boolean }) => {
      if (!LEVELS.includes(options.level)) throw new UsageError(`--level: expected syntax or compile, not '${options.level}'`)
      if (options.json) await answerJsonLines(process.stdin, process.stdout, answerParse)
      else if (condition === undefined) throw new UsageError('give a condition, or --json and requests on stdin')
      else printParse(condition, options.level)
    })
}

function printParse(condition: string, level: string): void {
  const { errors, warnings } = checkCondition(condition, level)
  const colors = colorsFor(process.stdout)
  for (const error of errors) {
    process.stdout.write(`${colors.red('error')}   ${printable(noteText(error))}\n`)
    const line = condition.split(/\r\n|[\r\n]/)[error.place.line - 1]
    if (line !== undefined) process.stdout.write(`  ${printable(line)}\n  ${' '.repeat(error.place.column - 1)}^\n`)
  }
  for (const warning of warnings) process.stdout.write(`${colors.yellow('warning')} ${printable(noteText(warning))}\n`)
  if (errors.length > 0) process.exitCode = 1
  else process.stdout.write(`${colors.green('ok')}      ${printable(printCondition(parseCondition(condition)))}\n`)
}
