// `eunomia trackers filter`: prints or replaces the filters of the running collector's probes.
import { type Command, Option } from 'commander'
import { controlSocketOf } from '../../assembly/control-settings.js'
import { FILTER_REPORT, type FilterReport } from '../../collector/control/control-answers.js'
import { type EventFilters, type FilteredValues, OUTCOMES, type Outcome, eventFiltersOf } from '../../collector/watch/event-filters.js'
import { printable } from '../../infra/text/printable.js'
import { type ControlChange, readControl } from '../../collector/control/control-client.js'
import { commandContext, repeated } from '../settings.js'

const EXAMPLES = `
The kernel does not emit filtered events, so they cost next to nothing. They are counted by filter and kind (\`eunomia ledger\`, and the counters
suppressed.FILTER.KIND of the heartbeat). Execs, forks, exits and cgroups are always emitted, and so are events that are not known to be of a
container yet. Without options, the command prints the filters; with options, it replaces them, and no event is lost that both emit.
Fields: pid, uid, port (of the server's end), localPort, remotePort and anyPort (of either end), and container (RUNTIME/NAME, the digest of its image,
the first digits of its id, or host for processes outside of containers). Whoever connects chooses the own port: in --except, prefer port. A container may also be named by its name alone in --only, but not in --except: any tenant may choose a name.
The filters last until the collector ends; for permanent filters, use collector.filters.

Examples:
  eunomia trackers filter --except container=docker/build --except port=9092
  eunomia trackers filter --only remotePort=443
  eunomia trackers filter --only container=web --only container=api --outcome failed
  eunomia trackers filter
  eunomia trackers filter --clear`

interface FilterFlags {
  readonly only?: readonly string[]
  readonly except?: readonly string[]
  readonly outcome?: Outcome
  readonly clear: boolean
  readonly json: boolean
}

/** Adds it to `trackers`. */
export function registerFilterCommand(trackers: Command): void {
  trackers
    .command('filter')
    .description('exclude processes, users, containers, ports or outcomes in the kernel')
    .option('--only <field=value>', 'report only this; may be repeated', repeated)
    .option('--except <field=value>', 'exclude this; may be repeated', repeated)
    .addOption(new Option('--outcome <outcome>', 'report only calls with this result').choices(OUTCOMES))
    .addOption(new Option('--clear', 'exclude nothing').default(false).conflicts(['only', 'except', 'outcome']))
    .option('--json', 'the filters as JSON', false)
    .addHelpText('after', EXAMPLES)
    .action(filter)
}

async function filter(flags: FilterFlags, command: Command): Promise<void> {
  const { only, except, outcome, clear, json } = flags
  const isChange = only !== undefined || except !== undefined || outcome !== undefined
  // Parsed here first, so that a mistake names its flag.
  const wanted: EventFilters | undefined = isChange ? eventFiltersOf(only ?? [], except ?? [], outcome ?? 'all') : undefined
  const socket = controlSocketOf(commandContext(command).config)
  const change: ControlChange | undefined = clear ? { method: 'DELETE' } : isChange ? { method: 'PUT', sent: wanted } : undefined
  const report = await readControl(socket, '/filters', FILTER_REPORT, change)
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : textOf(report))
}

function textOf({ only, except, outcome, cgroupsLeftOut }: FilterReport): string {
  const lines = [
    ...listed('only', only),
    ...listed('except', except),
    ...(outcome === 'all' ? [] : [`calls that ${outcome === 'failed' ? 'failed' : 'succeeded'}`]),
  ]
  if (lines.length === 0) return 'nothing is excluded\n'
  const cgroups = cgroupsLeftOut === 0 ? [] : [`${String(cgroupsLeftOut)} cgroups are excluded by their containers now`]
  return [...lines, ...cgroups].map((line) => `${line}\n`).join('')
}

function listed(word: string, values: FilteredValues): string[] {
  return Object.entries(values).flatMap(([field, list]: [string, readonly (string | number)[]]) =>
    list.length === 0 ? [] : [`${word} ${field} ${list.map((value) => printable(String(value))).join(', ')}`],
  )
}
