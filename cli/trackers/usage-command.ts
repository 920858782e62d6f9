// `eunomia trackers usage`: prints or replaces the interval and filters of the running collector's aggregates.
import { type Command, Option } from 'commander'
import { controlSocketOf } from '../../assembly/control-settings.js'
import type { UsageChange } from '../../collector/usage/usage-settings.js'
import { printable } from '../../infra/text/printable.js'
import { readControl } from '../../collector/control/control-client.js'
import { USAGE_REPORT, type UsageReport } from '../../collector/control/control-answers.js'
import { commandContext, repeated } from '../settings.js'

const EXAMPLES = `
Without options, the command prints the settings; with options, it changes these and leaves the others. With --pid and --container, an aggregate must
be of one of the processes and in one of the containers. A change ends the current interval: counts before it are reported by the old settings, later
ones by the new. Suppressed aggregates are counted (SUPPRESSED in \`eunomia trackers list\`). The settings last until the collector ends; for permanent
settings, use collector.usage. To start trackers: \`eunomia trackers start\`.

Examples:
  eunomia trackers usage --interval 1000 --container web
  eunomia trackers usage
  eunomia trackers usage --clear`

interface UsageFlags {
  readonly interval?: string
  readonly pid?: readonly string[]
  readonly container?: readonly string[]
  readonly clear: boolean
  readonly json: boolean
}

/** Adds it to `trackers`. */
export function registerUsageCommand(trackers: Command): void {
  trackers
    .command('usage')
    .description('how often aggregates are read, and which processes and containers they cover')
    .option('--interval <ms>', 'time between two readings, milliseconds')
    .option('--pid <pid>', 'only aggregates of this process; may be repeated', repeated)
    .option('--container <name-or-id>', 'only aggregates of this container; may be repeated', repeated)
    .addOption(new Option('--clear', 'aggregates of all processes and containers').default(false).conflicts(['pid', 'container']))
    .option('--json', 'what is in force as JSON', false)
    .addHelpText('after', EXAMPLES)
    .action(usage)
}

async function usage(flags: UsageFlags, command: Command): Promise<void> {
  // Parsed as the corresponding settings, so that a mistake names its flag.
  const { config } = commandContext(command, [
    { flag: '--interval', path: 'collector.usage.intervalMs', value: flags.interval },
    { flag: '--pid', path: 'collector.usage.pids', value: flags.pid },
    { flag: '--container', path: 'collector.usage.containers', value: flags.container },
  ])
  const { intervalMs, pids, containers } = config.collector.usage
  const sent: UsageChange = {
    ...(flags.interval === undefined ? {} : { intervalMs }),
    ...(flags.clear ? { pids: [], containers: [] } : {}),
    ...(flags.pid === undefined ? {} : { pids: pids.map(Number) }),
    ...(flags.container === undefined ? {} : { containers }),
  }
  const change = Object.keys(sent).length === 0 ? undefined : ({ method: 'PUT', sent } as const)
  const inForce = await readControl(controlSocketOf(config), '/usage', USAGE_REPORT, change)
  process.stdout.write(flags.json ? `${JSON.stringify(inForce)}\n` : textOf(inForce))
}

function textOf({ intervalMs, pids, containers }: UsageReport): string {
  const filters = [...listed('pid', pids), ...listed('container', containers)]
  return [`read every ${String(intervalMs)} ms`, ...(filters.length === 0 ? ['nothing is excluded'] : filters)]
    .map((line) => `${line}\n`)
    .join('')
}

function listed(field: string, values: readonly (string | number)[]): string[] {
  return values.length === 0 ? [] : [`only ${field} ${values.map((value) => printable(String(value))).join(', ')}`]
}
