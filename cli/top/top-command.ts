// `eunomia top`: processes with their containers, their CPU, memory and event rates, refreshed.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import { commandContext, parseSpan, repeated } from '../settings.js'
import type { TopFlags } from './run-top.js'
import { SORTS } from './top-rows.js'

const EXAMPLES = `
CPU% is of one CPU. Events are those that the collector of this host reports per second, by topic; without one they are not known ("-", null in JSON).
A container with a question mark is what the name of its cgroup says, and no runtime confirmed.

Examples:
  eunomia top
  eunomia top --sort events --interval 5s
  eunomia top --container web --rows 50
  eunomia top --once --json | jq '.processes[] | select(.events.file > 100)'
  eunomia top --json | jq .total`

const LEAST_INTERVAL_MS = 100
const MAX_ROWS = 10_000

/** Adds the command to the program. */
export function registerTopCommand(program: Command): void {
  program
    .command('top')
    .description('live processes with their containers: CPU, memory, events per second')
    .addOption(new Option('--sort <column>', 'sort by this column').choices(SORTS).default('cpu'))
    .option('--interval <span>', 'time between two samples (default: 2s)', parseSpan, 2000)
    .option(
      '--rows <number>',
      'number of processes shown; the others are summed (default: what fits the terminal, 20 on a pipe)',
      parseRows,
    )
    .option('--container <name-or-id>', 'only processes of this container: its id, the beginning of its id, or its name')
    .option('--once', 'print one view and exit', false)
    .option('--json', 'one JSON object per view, one per line', false)
    .option('--docker-socket <path>', 'socket of Docker; may be repeated', repeated)
    .addHelpText('after', EXAMPLES)
    .action(top)
}

async function top(flags: TopFlags, command: Command): Promise<void> {
  if (flags.interval < LEAST_INTERVAL_MS)
    throw new UsageError(`--interval: at least ${String(LEAST_INTERVAL_MS)}ms; sampling more often costs more than it shows`)
  const sockets = { flag: '--docker-socket', path: 'collector.dockerSockets', value: flags.dockerSocket }
  const context = commandContext(command, [sockets])
  const { runTop } = await import('./run-top.js')
  await runTop(flags, context)
}

function parseRows(text: string): number {
  const rows = Number(text)
  if (!/^\d{1,5}$/.test(text) || rows < 1 || rows > MAX_ROWS)
    throw new InvalidArgumentError(`Expected a number from 1 to ${String(MAX_ROWS)}.`)
  return rows
}
