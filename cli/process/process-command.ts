// `eunomia process NAME...`: functions as members of Kafka consumer groups, with Redis where they need the facts of containers.
import { Argument, type Command } from 'commander'
import { FUNCTION_NAMES, functionNameOf } from '../../assembly/function-names.js'
import { runUntilEnded } from '../lifecycle.js'
import { type SwitchFlags, addSwitchFlags, commandContext, repeated, switchesOf } from '../settings.js'

const EXAMPLES = `
Functions:
  membership    containers and processes -> Redis: who is in which container
  detect        events of all topics -> alerts
  archive       events, containers, hosts, alerts, audit -> objects in archive.url (needs no Redis)
  hunt          slices of hunts that were started with --detach, and saved ones by their schedule -> eunomia.hunts.v1

Examples:
  eunomia process membership detect          both in one process
  eunomia process detect --rules ./rules --metrics-port 9464
  eunomia process detect                     once more, elsewhere: the partitions are shared
  eunomia process archive --set archive.url=/var/lib/eunomia/archive
  eunomia process detect --instance-id a     keeps its partitions over a restart
  eunomia process detect --instance-id a --leave   after it was stopped for good: the others get them at once`

interface ProcessOptions extends SwitchFlags {
  readonly rules?: string[]
  readonly pipeline?: string[]
  readonly placeholder?: string[]
  readonly strict?: boolean
  readonly allowFewer?: boolean
  readonly metricsPort?: string
  readonly instanceId?: string
  readonly leave?: boolean
}

/** Adds the command to the program. */
export function registerProcessCommand(program: Command): void {
  addSwitchFlags(program.command('process'))
    .description('run functions over Kafka until Ctrl-C: each a consumer group that shares the partitions with its other instances')
    .addArgument(functionNames())
    .option('--rules <path>', 'rule file or folder; may be repeated (default: the rules that ship with Eunomia)', repeated)
    .option('--pipeline <file>', 'field mapping for Sigma rules, in the form of a pySigma pipeline; may be repeated', repeated)
    .option('--placeholder <name=values>', 'values of %name% in Sigma rules, separated by commas; may be repeated', repeated)
    .option('--strict', 'refuse to start when any rule has a mistake, instead of going on without it')
    .option('--allow-fewer', 'accept a reload that drops more than half of the enabled rules')
    .option('--metrics-port <port>', 'serve Prometheus metrics on this port; 0 chooses a free one')
    .option('--instance-id <id>', 'name of this instance in its groups, different for each: a restart keeps its partitions')
    .option('--leave', 'take the instance that was stopped for good out of its groups, and end')
    .addHelpText('after', EXAMPLES)
    .action(processCommand)
}

/** The choices are only for help and completion: our own check names the nearest function for an unknown name. */
function functionNames(): Argument {
  const names = new Argument('<name...>', 'functions')
  names.argChoices = [...FUNCTION_NAMES]
  return names
}

async function processCommand(words: string[], options: ProcessOptions, command: Command): Promise<void> {
  const names = [...new Set(words.map(functionNameOf))]
  const context = commandContext(command, [
    { flag: '--rules', path: 'rules.folders', value: options.rules },
    { flag: '--pipeline', path: 'rules.pipelines', value: options.pipeline },
    { flag: '--placeholder', path: 'rules.placeholders', value: options.placeholder },
    { flag: '--enable, --disable', path: 'rules.switches', value: switchesOf(options) },
    { flag: '--strict', path: 'rules.strict', value: options.strict },
    { flag: '--allow-fewer', path: 'rules.allowFewer', value: options.allowFewer },
    { flag: '--metrics-port', path: 'metrics.port', value: options.metricsPort },
    { flag: '--instance-id', path: 'kafka.instanceId', value: options.instanceId },
  ])
  const { leaveGroups, startFunctions } = await import('../../assembly/functions.js')
  if (options.leave === true) return await leaveGroups(names, context)
  const reason = await runUntilEnded(context.log, (lifecycle) => startFunctions(names, context, lifecycle))
  context.log.info({ reason }, 'ended')
}
