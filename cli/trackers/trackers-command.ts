// `eunomia trackers`: lists and switches the kinds of events that the running collector watches, through its control socket.
import type { Command } from 'commander'
import { controlSocketOf } from '../../assembly/control-settings.js'
import { SWITCHED_TRACKER, TRACKER_LIST, type TrackerReport } from '../../collector/control/control-answers.js'
import { readControl } from '../../collector/control/control-client.js'
import { printable } from '../../infra/text/printable.js'
import { commandContext } from '../settings.js'
import { columnTable } from '../terminal/terminal-text.js'
import { registerFilterCommand } from './filter-command.js'
import { registerUsageCommand } from './usage-command.js'

const EXAMPLES = `
A tracker is a group of kinds of events, or a program that counts (kind usage). The probes ignore the events of a stopped tracker: they cost nothing and
are not counted. Forks, execs, exits, cgroups, the OOM killer and io_uring are always emitted. Changes last until the collector ends.

Examples:
  eunomia trackers list
  eunomia trackers stop opens signals
  eunomia trackers start opens
  eunomia trackers start syscall-usage     (of collect, when collector.usage.ready names it)
  eunomia trackers list --json | jq 'select(.state != "on")'`

interface TrackerFlags {
  readonly json: boolean
}

/** Adds the command to the program. */
export function registerTrackersCommand(program: Command): void {
  const trackers = program
    .command('trackers')
    .description('what the running collector watches: list, start and stop groups of kinds')
    .addHelpText('after', EXAMPLES)
  trackers
    .command('list')
    .description('all trackers with state, kinds and events so far')
    .option('--json', 'one JSON object per line', false)
    .addHelpText('after', EXAMPLES)
    .action(list)
  registerFilterCommand(trackers)
  registerUsageCommand(trackers)
  for (const verb of ['start', 'stop'] as const) {
    trackers
      .command(verb)
      .description(verb === 'start' ? 'watch these, whatever the plan says' : 'stop watching these')
      .argument('<name...>', 'names as in `eunomia trackers list`')
      .option('--json', 'one JSON object per line', false)
      .addHelpText('after', EXAMPLES)
      .action((names: string[], flags: TrackerFlags, command: Command) => change(verb, names, flags, command))
  }
}

async function list(flags: TrackerFlags, command: Command): Promise<void> {
  const { config } = commandContext(command)
  const { trackers } = await readControl(controlSocketOf(config), '/trackers', TRACKER_LIST)
  print(trackers, flags)
}

async function change(verb: 'start' | 'stop', names: readonly string[], flags: TrackerFlags, command: Command): Promise<void> {
  const socket = controlSocketOf(commandContext(command).config)
  const changed: TrackerReport[] = []
  for (const name of names) {
    const path = `/trackers/${encodeURIComponent(name)}/${verb}`
    changed.push((await readControl(socket, path, SWITCHED_TRACKER, { method: 'POST' })).tracker)
  }
  print(changed, flags)
}

function print(trackers: readonly TrackerReport[], { json }: TrackerFlags): void {
  const { stdout } = process
  if (json) return void stdout.write(trackers.map((tracker) => `${JSON.stringify(tracker)}\n`).join(''))
  stdout.write(trackerTable(trackers))
}

/** Trackers as a table, one per line, followed by the reason for each requested tracker that is off. */
export function trackerTable(trackers: readonly TrackerReport[]): string {
  const table = columnTable(
    [
      { title: 'TRACKER', value: ({ name }) => name },
      { title: 'STATE', value: stateText },
      { title: 'EVENTS', value: ({ emitted }) => String(emitted) },
      { title: 'SUPPRESSED', value: ({ suppressed }) => String(suppressed) },
      { title: 'KINDS', value: kindsText },
    ],
    trackers,
  )
  const reasons = trackers.flatMap(({ name, problem }) => (problem === null ? [] : [`${name} is off: ${printable(problem)}\n`]))
  return reasons.length === 0 ? table : `${table}\n${reasons.join('')}`
}

function stateText({ state, cause, problem }: TrackerReport): string {
  if (problem !== null) return `${state} (failed)`
  return cause === 'person' ? `${state} (by hand)` : state
}

/** Kinds that are always reported have a star. */
function kindsText({ kinds, alwaysEmitted }: TrackerReport): string {
  return kinds.map((kind) => (alwaysEmitted.includes(kind) ? `${kind}*` : kind)).join(' ')
}
