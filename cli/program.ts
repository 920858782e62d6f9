// All commands of `eunomia`, one file each. Settings and parts are made by the commands, not here.
import { Command } from 'commander'
import { registerAlertsCommand } from './alerts/alerts-command.js'
import { registerCollectCommand } from './collect/collect-command.js'
import { registerCompletionCommand } from './completion/completion-command.js'
import { addConfigOptions } from './settings/command-config.js'
import { registerConfigCommand } from './config.js'
import { registerContainerIdCommand } from './container-id.js'
import { registerContainersCommand } from './containers.js'
import { registerDoctorCommand } from './doctor/doctor-command.js'
import { packageVersion } from '../infra/package-version.js'
import { printableLines } from '../infra/printable.js'
import { registerSchemasCommand } from './schemas.js'
import { registerStackCommand } from './stack.js'
import { registerRulesCommands } from './rules/rules-command.js'
import { registerRunCommand } from './run/run-command.js'
import { registerProcessCommand } from './process/process-command.js'
import { registerLedgerCommand } from './ledger.js'
import { registerTopCommand } from './top/top-command.js'
import { registerTrackersCommand } from './trackers/trackers-command.js'
import { registerTopicsCommand } from './topics.js'

const HELP = `
Start here:
  eunomia run                 alerts of this host, no services needed (root for live probes)
  eunomia doctor              what works on this host, and how to mend what does not
  eunomia COMMAND --help      flags and examples of a command

Exit status: 0 done, 1 failed, 2 wrong usage or settings.`

/** Makes the whole command line. Errors of usage are thrown as CommanderError behind their message. */
export function buildProgram(): Command {
  const program = new Command('eunomia')
    .description('Watches every process and container: kernel events to Kafka, rules over them, alerts that name the container.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .showHelpAfterError('(eunomia --help shows the commands, COMMAND --help its flags)')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', HELP)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(harmless(text)) })
  addConfigOptions(program)
  for (const register of COMMANDS) register(program)
  return program
}

/** What commander says of wrong usage quotes arguments; only its own hint may begin a line. */
function harmless(text: string): string {
  return `${printableLines(text.trimEnd()).replace(/\n {2}(?=\(Did you mean [^\n]*\)$)/, '\n')}\n`
}

const COMMANDS: readonly ((program: Command) => void)[] = [
  registerRunCommand,
  registerCollectCommand,
  registerProcessCommand,
  registerAlertsCommand,
  registerContainersCommand,
  registerContainerIdCommand,
  registerTopCommand,
  registerTrackersCommand,
  registerLedgerCommand,
  registerRulesCommands,
  registerTopicsCommand,
  registerSchemasCommand,
  registerStackCommand,
  registerDoctorCommand,
  registerConfigCommand,
  registerCompletionCommand,
]
