// `eunomia collect`: the collector alone, to Kafka, or printing events.
import { InvalidArgumentError, Option, type Command } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import { commandContext, repeated, parseSize, parseSpan } from '../settings.js'
import { OUTPUTS, type CollectFlags } from './collect-flags.js'

const RECORD_MAX_BYTES = 2 ** 30

const PRINT_FLAGS = [
  ['--container', 'container'],
  ['--pid', 'pid'],
  ['--uid', 'uid'],
  ['--kind', 'kind'],
  ['--min-duration', 'minDuration'],
  ['--columns', 'columns'],
] as const

const EXAMPLES = `
Examples:
  eunomia collect                                   to the brokers of the settings, until a signal
  eunomia collect --output table --duration 10s
  eunomia collect --output json --uid 33 | jq .process.args
  eunomia collect --output table --kind exec,exit --container web
  eunomia collect --output table --kind exit,close --min-duration 5s --columns time,kind,process,container_name,duration_ms
  eunomia collect --output table --set collector.usage.trackers=file-usage --kind files --columns time,process,path,bytes_read
  eunomia collect --output json > events.jsonl      with the facts of containers, to try rules on (rules diff, rules top)
  eunomia collect --output csv --uid 33 > events.csv
  eunomia collect --record incident.capture         and also record the kernel's events unchanged
  eunomia collect --capture incident.capture --output table
                                                    replay the recording on any machine: the same events
  eunomia collect --unload                          the probes that wait for the next collector are removed`

/** Adds the command to the program. */
export function registerCollectCommand(program: Command): void {
  program
    .command('collect')
    .description('collect events of this host and publish them to Kafka, or print them; needs root for live probes')
    .addOption(new Option('--output <to>', 'where events go').choices(OUTPUTS).default('kafka'))
    .option('--duration <span>', 'end after this time: 30s, 10m', parseSpan)
    .option('--container <name-or-id>', 'print only events of this container: its id, the beginning of its id, or its name')
    .option('--pid <pid>', 'print only events and aggregates of this process', parseNumber)
    .option('--uid <uid>', 'print only events of this user', parseNumber)
    .option(
      '--kind <kinds>',
      'print only these kinds, separated by commas: exec, exit, open-write, connect ..., or a topic: process, file, network, kernel; aggregates: syscalls, files ..., or usage',
      repeated,
    )
    .option(
      '--min-duration <span>',
      'print only ended processes and closed connections that took at least this long; nothing else has a duration',
      parseSpan,
    )
    .option('--columns <names>', 'columns to print, separated by commas; for json, the names in its objects', repeated)
    .option('--capture <file>', 'replay a capture instead of live probes, and end with it')
    .option('--record <file>', 'record to a new file that --capture replays; readable by its owner only')
    .addOption(
      new Option('--record-max <size>', 'bound of the recording; at the bound the recording ends and collecting continues')
        .argParser(parseSize)
        .default(RECORD_MAX_BYTES, '1GiB'),
    )
    .option('--docker-socket <path>', 'socket of Docker; may be repeated', repeated)
    .option('--metrics-port <port>', 'serve Prometheus metrics on this port; 0 chooses a free one')
    .option('--unload', 'remove the pinned probes and rings of this host, with the events in them, and exit')
    .addHelpText('after', EXAMPLES)
    .action(collect)
}

async function collect(flags: CollectFlags, command: Command): Promise<void> {
  const filters = PRINT_FLAGS.filter(([, name]) => flags[name] !== undefined)
  if (flags.output === 'kafka' && filters.length > 0) {
    const named = filters.map(([flag]) => flag).join(', ')
    throw new UsageError(`${named}: filters apply to printed events only, Kafka receives all events; add --output json, csv or table`)
  }
  if (flags.capture !== undefined && command.getOptionValueSource('output') === 'default') {
    const fix = 'add --output json, csv or table; or --output kafka to publish the recorded events as events of this host'
    throw new UsageError(`--capture without --output: ${fix}`)
  }
  if (flags.record !== undefined && flags.capture !== undefined) {
    throw new UsageError('--record with --capture: a capture is a recording already; copy its file')
  }
  const context = commandContext(command, [
    { flag: '--docker-socket', path: 'collector.dockerSockets', value: flags.dockerSocket },
    { flag: '--metrics-port', path: 'metrics.port', value: flags.metricsPort },
  ])
  const { runCollect } = await import('./run-collect.js')
  await runCollect(flags, context)
}

function parseNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('Expected a number.')
  return Number(text)
}
