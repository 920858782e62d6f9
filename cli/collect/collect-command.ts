// `eunomia collect`: the collector alone, to Kafka, or printing events.
import { InvalidArgumentError, Option, type Command } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import { commandContext } from '../settings.js'
import { OUTPUTS, type CollectFlags } from './collect-flags.js'
import { repeated } from '../settings.js'
import { parseSize } from '../settings.js'
import { parseSpan } from '../settings.js'

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
  eunomia collect --record incident.capture         beside what it does else: what the kernel told, as it was told
  eunomia collect --capture incident.capture --output table
                                                    the recording again, on any machine: the same events
  eunomia collect --unload                          the probes that wait for the next collector are removed`

/** Adds the command to the program. */
export function registerCollectCommand(program: Command): void {
  program
    .command('collect')
    .description('collect events of this host: to Kafka, or printed; needs root for live probes')
    .addOption(new Option('--output <to>', 'where events go').choices(OUTPUTS).default('kafka'))
    .option('--duration <span>', 'end after this time: 30s, 10m', parseSpan)
    .option(
      '--container <name-or-id>',
      'print only events of this container: its id, the beginning of it, or its name (known once the runtime told it)',
    )
    .option('--pid <pid>', 'print only events and aggregates of this process', parseNumber)
    .option('--uid <uid>', 'print only events of this user', parseNumber)
    .option(
      '--kind <kinds>',
      'print only events of these kinds, with commas: exec, exit, open-write, connect ..., or process, file, network, kernel; of aggregates syscalls, files ..., or usage',
      repeated,
    )
    .option(
      '--min-duration <span>',
      'print only what took at least so long: processes that ended, connections that were closed; nothing else has a duration',
      parseSpan,
    )
    .option(
      '--columns <names>',
      'columns of what is printed, with commas, of events and aggregates; of json the names in its objects',
      repeated,
    )
    .option('--capture <file>', 'play a recorded capture instead of live probes, and end with it')
    .option('--record <file>', 'record what the kernel tells into a new file, which --capture plays; readable by its owner only')
    .addOption(
      new Option('--record-max <size>', 'bound of the recording: at it the recording ends, collecting goes on')
        .argParser(parseSize)
        .default(RECORD_MAX_BYTES, '1GiB'),
    )
    .option('--docker-socket <path>', 'socket of Docker; may be repeated', repeated)
    .option('--metrics-port <port>', 'serve Prometheus metrics on this port; 0 takes a free one')
    .option('--unload', 'remove the probes and rings that the collector of this host left pinned, with the events in them, and end')
    .addHelpText('after', EXAMPLES)
    .action(collect)
}

async function collect(flags: CollectFlags, command: Command): Promise<void> {
  const filters = PRINT_FLAGS.filter(([, name]) => flags[name] !== undefined)
  if (flags.output === 'kafka' && filters.length > 0) {
    const named = filters.map(([flag]) => flag).join(', ')
    throw new UsageError(`${named}: what is printed can be chosen, what goes to Kafka is whole; add --output json, csv or table`)
  }
  if (flags.record !== undefined && flags.capture !== undefined) {
    throw new UsageError('--record with --capture: what is played is a recording already; copy its file')
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
