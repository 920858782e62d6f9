// `eunomia ledger`: what happened to every event of the running collector, by topic, kind and CPU, through its control socket.
import type { Command } from 'commander'
import { controlSocketOf } from '../assembly/control-settings.js'
import type { Account } from '../collector/ledger/account.js'
import type { Loss } from '../schemas/generated/types.js'
import { readControl } from '../collector/control/control-client.js'
import { LEDGER } from '../collector/control/control-answers.js'
import { BUDGET_COUNTERS } from '../collector/heartbeat.js'
import { UNKNOWN_CALL_COUNTERS } from '../collector/unknown-calls.js'
import { commandContext } from './settings.js'
import { columnTable } from './terminal/terminal-text.js'

const EXAMPLES = `
emitted = published + dropped (by the kernel, the collector, the spool) + suppressed + in flight, in each line.
Suppressed are events that filters left out or that were over the budget of their process; the lines below name the latter.
CPU -1 is what the collector makes itself: snapshots, facts of containers, heartbeats.

Examples:
  eunomia ledger                    one line per topic and kind
  eunomia ledger --cpus             one per CPU as well
  eunomia ledger --losses           what was lost when, the latest last
  eunomia ledger --json             one object a line, per topic, kind and CPU`

interface LedgerFlags {
  readonly cpus: boolean
  readonly losses: boolean
  readonly json: boolean
}

/** Numbers of an account that add up over CPUs. */
const NUMBERS = ['emitted', 'published', 'droppedRing', 'droppedCollector', 'droppedSpool', 'suppressed', 'inFlight'] as const
const TITLES: Readonly<Record<(typeof NUMBERS)[number], string>> = {
  emitted: 'EMITTED',
  published: 'PUBLISHED',
  droppedRing: 'DROPPED-KERNEL',
  droppedCollector: 'DROPPED-COLLECTOR',
  droppedSpool: 'DROPPED-SPOOL',
  suppressed: 'SUPPRESSED',
  inFlight: 'IN-FLIGHT',
}

/** Adds the command to the program. */
export function registerLedgerCommand(program: Command): void {
  program
    .command('ledger')
    .description('what happened to every event of the running collector: published, dropped, suppressed')
    .option('--cpus', 'one line per CPU', false)
    .option('--losses', 'losses by the second in which they happened', false)
    .option('--json', 'one JSON object per line', false)
    .addHelpText('after', EXAMPLES)
    .action(printLedger)
}

async function printLedger({ cpus, losses: isAboutLosses, json }: LedgerFlags, command: Command): Promise<void> {
  const { config } = commandContext(command)
  const { accounts, losses, counters } = await readControl(controlSocketOf(config), '/ledger', LEDGER)
  if (isAboutLosses) return void process.stdout.write(json ? jsonLines(losses) : lossTable(losses))
  if (json) return void process.stdout.write(jsonLines(accounts))
  const rows = cpus ? accounts : summed(accounts)
  process.stdout.write(
    columnTable<Account>(
      [
        { title: 'TOPIC', value: ({ topic }) => topic },
        { title: 'KIND', value: ({ kind, isInherited }) => (isInherited ? `${kind} (earlier)` : kind) },
        ...(cpus ? [{ title: 'CPU', value: ({ cpu }: Account) => String(cpu) }] : []),
        ...NUMBERS.map((name) => ({ title: TITLES[name], value: (account: Account) => String(account[name]) })),
      ],
      rows,
    ) + countersText(counters),
  )
}

/** Counters of the ledger as lines; nothing without one. */
export function countersText(counters: Readonly<Record<string, number>>): string {
  return [
    ['over the budget of their process or cgroup', BUDGET_COUNTERS],
    ['calls that no table has', UNKNOWN_CALL_COUNTERS],
  ]
    .map(([title = '', start = '']) => {
      const counted = Object.entries(counters).flatMap(([name, count]) =>
        name.startsWith(start) ? [`${name.slice(start.length)} ${String(count)}`] : [],
      )
      return counted.length === 0 ? '' : `${title}: ${counted.join(', ')}\n`
    })
    .join('')
}

const jsonLines = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('')

function lossTable(losses: readonly Loss[]): string {
  if (losses.length === 0) return 'nothing was lost since this collector started\n'
  return columnTable<Loss>(
    [
      { title: 'UNTIL', value: ({ untilUs }) => new Date(untilUs / 1000).toISOString() },
      { title: 'SECONDS', value: ({ fromUs, untilUs }) => ((untilUs - fromUs) / 1e6).toFixed(1) },
      { title: 'TOPIC', value: ({ topic }) => topic },
      { title: 'KIND', value: ({ kind }) => kind },
      { title: 'CPU', value: ({ cpu }) => String(cpu) },
      { title: 'WHERE', value: ({ where }) => where },
      { title: 'LOST', value: ({ count }) => String(count) },
    ],
    losses,
  )
}

/** One line for all CPUs; records of earlier runs in the spool are separate. */
function summed(accounts: readonly Account[]): Account[] {
  const sums = new Map<string, Account>()
  for (const account of accounts) {
    const key = `${account.topic} ${account.kind} ${String(account.isInherited)}`
    const sum = sums.get(key)
    sums.set(key, sum === undefined ? account : NUMBERS.reduce((into, name) => ({ ...into, [name]: into[name] + account[name] }), sum))
  }
  return [...sums.values()]
}
