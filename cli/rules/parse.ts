// `eunomia rules parse`: does a condition follow the grammar, and do its fields, operators and values fit?
import type { Command } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import { answerJsonLines } from '../../infra/text/json-lines.js'
import { printable } from '../../infra/text/printable.js'
import { compileCondition } from '../../processors/rule-engine/compile/compile-condition.js'
import type { ConditionNote } from '../../processors/rule-engine/compile/condition-problem.js'
import { parseCondition } from '../../processors/rule-engine/language/parser.js'
import { printCondition } from '../../processors/rule-engine/language/printer.js'
import { ConditionSyntaxError } from '../../processors/rule-engine/language/syntax-error.js'
import { colorsFor } from '../terminal/terminal-text.js'

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

/** Answers one request of the JSON mode. @throws UsageError for a request without a condition */
export function answerParse(request: Readonly<Record<string, unknown>>): object {
  const { condition, level = 'syntax' } = request
  const id = request['id'] ?? null
  if (typeof condition !== 'string') throw new UsageError('condition: expected a string')
  if (level !== 'syntax' && level !== 'compile') throw new UsageError("level: expected 'syntax' or 'compile'")
  const { errors, warnings } = checkCondition(condition, level)
  const notes = warnings.map((warning) => warning.message)
  if (errors.length > 0) return { id, ok: false, error: errors.map(noteText).join('; '), ...(notes.length > 0 ? { warnings: notes } : {}) }
  return { id, ok: true, ...(notes.length > 0 ? { warnings: notes } : {}) }
}

function checkCondition(condition: string, level: string): { errors: readonly ConditionNote[]; warnings: readonly ConditionNote[] } {
  try {
    const tree = parseCondition(condition)
    return level === 'compile' ? compileCondition(tree) : { errors: [], warnings: [] }
  } catch (error) {
    if (error instanceof ConditionSyntaxError) return { errors: [{ message: error.message, place: error.place }], warnings: [] }
    throw error
  }
}

function noteText({ message, place }: ConditionNote): string {
  return `${String(place.line)}:${String(place.column)}: ${message}`
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
