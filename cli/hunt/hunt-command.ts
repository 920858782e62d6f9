// `eunomia hunt RULES...`: evaluates rules on the past, from topics and archive.
import type { Command } from 'commander'
import { readingCodec } from '../../assembly/codec.js'
import type { StateContext } from '../../assembly/state.js'
import type { Config } from '../../infra/config/config-schema.js'
import { UsageError } from '../../infra/process/errors.js'
import type { Lifecycle, Part } from '../../infra/process/lifecycle.js'
import type { Logger } from '../../infra/process/logger.js'
import { type HuntPlan, planHunt, type HuntRequest } from '../../processors/forensics/hunt/hunt-plan.js'
import type { HuntResult } from '../../processors/forensics/hunt/merge-results.js'
import type { Codec } from '../../schemas/codec.js'
import { runUntilEnded } from '../lifecycle.js'
import { commandContext, defaultAuthor } from '../settings.js'
import { accountOf, accountText } from './hunt-account.js'
import { addHuntFlags, addJobFlags, type HuntFlags, requestOf } from './hunt-flags.js'
import { ProgressLine } from './hunt-progress.js'
import { RowOutput } from './row-output.js'

const EXAMPLES = `
RULES are files and folders of Falco or Sigma rules, or one condition. Without any, the rules of the settings are used.
The hunt ends with its account: what was read, what was skipped, what is gone, and what the collectors lost in that time. The same range and
rules give the same alerts and the same sha256, with any number of workers, from topics or archive.

Examples:
  eunomia hunt my-rules.yaml --since 7d
  eunomia hunt 'evt.type = connect and fd.sport = 4444' --since 1h
  eunomia hunt my-rules.yaml --since 30d --detach
  eunomia hunt my-rules.yaml --since 1d --save nightly --schedule '0 3 * * *' --reason 'OPS-4711'
  eunomia hunt sigma/ --since 2026-01-30T00:00:00Z --until 2026-01-31T00:00:00Z --host web-1 --format ocsf --output findings.jsonl`

/** Adds the command to the program. */
export function registerHuntCommand(program: Command): void {
  addJobFlags(addHuntFlags(program.command('hunt')))
    .description('evaluate rules on the past: events of topics and archive')
    .argument('[rules...]', 'rule files and folders, or a condition')
    .addHelpText('after', EXAMPLES)
    .action(hunt)
}

async function hunt(given: readonly string[], flags: HuntFlags, command: Command): Promise<void> {
  const { config, log } = commandContext(command, [], 'warn')
  const request = await requestOf(given, flags, command)
  if (flags.detach === true || flags.save !== undefined) return await leaveToWorkers(request, flags, { config, log })
  const codec = readingCodec(config.schemas)
  const rows = new RowOutput(flags)
  try {
    const { plan, result } = await huntOnce(request, {
      config,
      log,
      codec,
      workers: flags.workers,
      onRow: (alert) => rows.write(codec.decode('alerts', alert)),
    })
    const account = accountOf(plan, result)
    if (flags.format === 'table') process.stdout.write(`\n${accountText(account)}`)
    else process.stderr.write(`${JSON.stringify({ account })}\n`)
    if (result.slicesLeft + result.failedRecords > 0) process.exitCode = 1
  } finally {
    rows.close()
  }
}

/** Workers run it, or it is kept under a name. */
async function leaveToWorkers(request: HuntRequest, flags: HuntFlags, context: StateContext): Promise<void> {
  const { saveHunt, startHunt } = await import('../../assembly/hunts.js')
  const { save: name, schedule = null, reason, author = defaultAuthor() } = flags
  const by = { author, reason }
  if (name === undefined) {
    if (schedule !== null) throw new UsageError('--schedule is of a hunt that is kept under a name: give --save NAME too')
    process.stdout.write(`${await startHunt({ ...request, factsDeadlineMs: context.config.detect.factsDeadlineMs }, by, context, null)}\n`)
    return
  }
  const { fromMs, toMs, ...wanted } = request
  await saveHunt({ name, schedule, saved: { ...wanted, spanMs: toMs - fromMs } }, by, context)
  process.stdout.write(`saved ${name}\n`)
}

/** What a hunt of one command needs. */
export interface HuntOnce {
  readonly config: Config
  readonly log: Logger
  readonly codec: Codec
  readonly workers: number
  /** Called before the first row. */
  readonly onPlan?: (plan: HuntPlan) => Promise<void>
  readonly onRow: (alert: Uint8Array) => void
}

/** Plans and runs a hunt, with its progress on standard error. Ends early at a signal, with what is done by then. */
export async function huntOnce(
  request: HuntRequest,
  { config, log, codec, workers, onPlan, onRow }: HuntOnce,
): Promise<{ plan: HuntPlan; result: HuntResult }> {
  const progress = new ProgressLine(process.stderr)
  let outcome: { plan: HuntPlan; result: HuntResult } | undefined
  await runUntilEnded(log, async (lifecycle: Lifecycle) => {
    const [{ openHistory }, { runHuntHere }] = await Promise.all([import('../../assembly/history.js'), import('../../assembly/hunt.js')])
    const history = openHistory(config, log)
    lifecycle.onStop('history', () => history.close())
    const plan = await planHunt({ ...request, factsDeadlineMs: config.detect.factsDeadlineMs }, history)
    await onPlan?.(plan)
    await lifecycle.start('hunt', () => {
      const ending = new AbortController()
      const done = runHuntHere(
        plan,
        config,
        { workers, codec, onRow, signal: ending.signal, onProgress: (each) => progress.show(each) },
        log,
      ).then((result) => void (outcome = { plan, result }))
      const part: Part = {
        done,
        stop: async () => {
          ending.abort()
          await done
        },
      }
      return Promise.resolve(part)
    })
  })
  progress.end()
  if (outcome === undefined) throw new UsageError('interrupted before anything was read')
  return outcome
}
