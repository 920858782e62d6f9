// `eunomia hunt RULES...`: evaluates rules on the past, from topics and archive.
import { closeSync, openSync, writeSync } from 'node:fs'
import type { Command } from 'commander'
import { readingCodec } from '../../assembly/codec.js'
import { openHistory } from '../../assembly/history.js'
import { runHuntHere } from '../../assembly/hunt.js'
import type { Config } from '../../infra/config/config-schema.js'
import type { Lifecycle, Part } from '../../infra/process/lifecycle.js'
import type { Logger } from '../../infra/process/logger.js'
import { type HuntPlan, planHunt, type HuntRequest } from '../../processors/forensics/hunt/hunt-plan.js'
import type { HuntResult } from '../../processors/forensics/hunt/merge-results.js'
import type { Codec } from '../../schemas/codec.js'
import type { Alert } from '../../schemas/generated/types.js'
import { lineWriter } from '../alerts.js'
import { runUntilEnded } from '../lifecycle.js'
import { commandContext } from '../settings.js'
import { alertLines } from '../terminal/alert-text.js'
import { colorsFor, widthOf } from '../terminal/terminal-text.js'
import { accountOf, accountText } from './hunt-account.js'
import { addHuntFlags, type HuntFlags, requestOf } from './hunt-flags.js'
import { ProgressLine } from './hunt-progress.js'

const EXAMPLES = `
RULES are files and folders of Falco or Sigma rules, or one condition. Without any, the rules of the settings are used.
The hunt ends with its account: what was read, what was skipped, what is gone, and what the collectors lost in that time. The same range and
rules give the same alerts and the same sha256, with any number of workers, from topics or archive.

Examples:
  eunomia hunt my-rules.yaml --since 7d
  eunomia hunt 'evt.type = connect and fd.sport = 4444' --since 1h
  eunomia hunt sigma/ --since 2026-01-30T00:00:00Z --until 2026-01-31T00:00:00Z --host web-1 --format ocsf --output findings.jsonl`

/** Adds the command to the program. */
export function registerHuntCommand(program: Command): void {
  addHuntFlags(program.command('hunt'))
    .description('evaluate rules on the past: events of topics and archive')
    .argument('[rules...]', 'rule files and folders, or a condition')
    .addHelpText('after', EXAMPLES)
    .action(hunt)
}

async function hunt(given: readonly string[], flags: HuntFlags, command: Command): Promise<void> {
  const { config, log } = commandContext(command, [], 'warn')
  const request = await requestOf(given, flags, command)
  const codec = readingCodec(config.schemas)
  const rows = new RowOutput(flags, codec)
  try {
    const { plan, result } = await huntOnce(request, { config, log, codec, workers: flags.workers, onRow: (alert) => rows.write(alert) })
    const account = accountOf(plan, result)
    if (flags.format === 'table') process.stdout.write(`\n${accountText(account)}`)
    else process.stderr.write(`${JSON.stringify({ account })}\n`)
    if (result.slicesLeft > 0) process.exitCode = 1
  } finally {
    rows.close()
  }
}

/** What a hunt of one command needs. */
export interface HuntOnce {
  readonly config: Config
  readonly log: Logger
  readonly codec: Codec
  readonly workers: number
  readonly onRow: (alert: Uint8Array) => void
}

/** Plans and runs a hunt, with its progress on standard error. Ends early at a signal, with what is done by then. */
export async function huntOnce(
  request: HuntRequest,
  { config, log, codec, workers, onRow }: HuntOnce,
): Promise<{ plan: HuntPlan; result: HuntResult }> {
  const progress = new ProgressLine(process.stderr)
  let outcome: { plan: HuntPlan; result: HuntResult } | undefined
  await runUntilEnded(log, async (lifecycle: Lifecycle) => {
    const history = openHistory(config, log)
    lifecycle.onStop('history', () => history.close())
    const plan = await planHunt({ ...request, factsDeadlineMs: config.detect.factsDeadlineMs }, history)
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
  if (outcome === undefined) throw new Error('the hunt was ended before it began')
  return outcome
}

/** Writes the alerts in the wanted form, as they come. */
class RowOutput {
  readonly #codec: Codec
  readonly #file: number
  readonly #text: (alert: Alert) => string

  constructor({ format, output }: Pick<HuntFlags, 'format' | 'output'>, codec: Codec) {
    this.#codec = codec
    this.#file = output === undefined ? process.stdout.fd : openSync(output, 'w', 0o640)
    const stream = output === undefined ? process.stdout : { isTTY: false }
    if (format === 'table') {
      const [width, colors] = [widthOf(stream), colorsFor(stream)]
      this.#text = (alert) => `\n${alertLines(alert, width, colors, { nowMs: Date.now() }).join('\n')}\n`
    } else {
      const lineOf = lineWriter(format, stream.isTTY)
      this.#text = (alert) => `${lineOf(alert)}\n`
    }
  }

  write(alert: Uint8Array): void {
    writeAll(this.#file, this.#text(this.#codec.decode('alerts', alert)))
  }

  close(): void {
    if (this.#file !== process.stdout.fd) closeSync(this.#file)
  }
}

/** A pipe that is full takes a part. */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(file, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}
