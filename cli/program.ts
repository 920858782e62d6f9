// All commands of `eunomia`, loaded when they are named. Commands create their settings and parts; nothing is created here.
import { Command, Help } from 'commander'
import { packageVersion } from '../infra/process/package-root.js'
import { printableLines } from '../infra/text/printable.js'
import { failureOf } from './lifecycle.js'
import { addConfigOptions } from './settings.js'

const HELP = `
Start here:
  eunomia run                 alerts of this host, no services needed (root for live probes)
  eunomia doctor              what works on this host, and how to fix what does not
  eunomia COMMAND --help      flags and examples of a command

Exit status: 0 done, 1 failed, 2 wrong usage or settings.`

type Register = (program: Command) => void

/** Before a command, or without one, these list all commands. */
const ASKS_FOR_ALL: readonly string[] = ['-h', '--help', 'help']
/** First word of a shell that completes a line; the last one is being typed. */
const COMPLETES = 'complete'

/**
 * Creates the command line with the commands that `words` name, so that nothing else is loaded, or with all commands if they name none or ask for help.
 * Usage errors print their message and are then thrown as CommanderError.
 */
export async function buildProgram(words: readonly string[] = []): Promise<Command> {
  const program = new Command('eunomia')
    .description('Watches every process and container: kernel events to Kafka, rules over them, alerts that name the container.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .showHelpAfterError('(eunomia --help shows the commands, COMMAND --help its flags)')
    .configureHelp({
      showGlobalOptions: true,
      // Some say their default in words.
      optionDescription: (option) =>
        option.description.includes('(default: ') ? option.description : new Help().optionDescription(option),
    })
    .addHelpText('after', HELP)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(harmless(text)) })
  addConfigOptions(program)
  const loaded = await Promise.all(commandsFor(words).map((name) => COMMANDS.get(name)?.()))
  for (const register of loaded) register?.(program)
  return program
}

/** Runs the command that `words` name, and writes a failure to stderr. @returns the exit status */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  try {
    await (await buildProgram(words)).parseAsync(words, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    const failure = failureOf(error)
    if (failure.text !== null) process.stderr.write(failure.text)
    return failure.status
  }
}

function commandsFor(words: readonly string[]): readonly string[] {
  const all = [...COMMANDS.keys()]
  const isCompleting = words[0] === COMPLETES
  const whole = isCompleting ? words.slice(1, -1) : words
  // The first word that is neither a flag nor a flag's value: an unknown name is answered with the nearest known one.
  const at = whole.findIndex((word, index) => !word.startsWith('-') && whole[index - 1]?.startsWith('-') !== true)
  const first = whole[at]
  if (first !== undefined && !COMMANDS.has(first)) return all
  const named = all.filter((name) => whole.includes(name))
  const asked = whole.findIndex((word) => ASKS_FOR_ALL.includes(word))
  if (named.length === 0 || (asked >= 0 && (at < 0 || asked < at))) return all
  return isCompleting ? [...named, 'completion'] : named
}

/** Commander's usage messages quote arguments; only its own hint may begin a line. */
function harmless(text: string): string {
  return `${printableLines(text.trimEnd()).replace(/\n {2}(?=\(Did you mean [^\n]*\)$)/, '\n')}\n`
}

const COMMANDS: ReadonlyMap<string, () => Promise<Register>> = new Map([
  ['run', async () => (await import('./run/run-command.js')).registerRunCommand],
  ['collect', async () => (await import('./collect/collect-command.js')).registerCollectCommand],
  ['process', async () => (await import('./process/process-command.js')).registerProcessCommand],
  ['deliver', async () => (await import('./deliver/deliver-command.js')).registerDeliverCommand],
  ['archive', async () => (await import('./archive/archive-command.js')).registerArchiveCommand],
  ['alerts', async () => (await import('./alerts.js')).registerAlertsCommand],
  ['hunt', async () => (await import('./hunt/hunt-command.js')).registerHuntCommand],
  ['jobs', async () => (await import('./jobs/jobs-command.js')).registerJobsCommand],
  ['replay', async () => (await import('./hunt/replay-command.js')).registerReplayCommand],
  ['containers', async () => (await import('./containers.js')).registerContainersCommand],
  ['container-id', async () => (await import('./container-id.js')).registerContainerIdCommand],
  ['context', async () => (await import('./past/context-command.js')).registerContextCommand],
  ['timeline', async () => (await import('./past/timeline/timeline-command.js')).registerTimelineCommand],
  ['query', async () => (await import('./past/query-command.js')).registerQueryCommand],
  ['evidence', async () => (await import('./past/evidence-command.js')).registerEvidenceCommand],
  ['top', async () => (await import('./top/top-command.js')).registerTopCommand],
  ['trackers', async () => (await import('./trackers/trackers-command.js')).registerTrackersCommand],
  ['ledger', async () => (await import('./ledger.js')).registerLedgerCommand],
  ['rules', async () => (await import('./rules/rules-command.js')).registerRulesCommands],
  ['topics', async () => (await import('./topics.js')).registerTopicsCommand],
  ['schemas', async () => (await import('./schemas.js')).registerSchemasCommand],
  ['stack', async () => (await import('./stack.js')).registerStackCommand],
  ['doctor', async () => (await import('./doctor/doctor-command.js')).registerDoctorCommand],
  ['config', async () => (await import('./config.js')).registerConfigCommand],
  ['completion', async () => (await import('./completion.js')).registerCompletionCommand],
])
