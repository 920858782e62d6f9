// What the commands that show the past share: settings, the history of topics and archive, where an alert comes from, and where output goes.
import { type Command } from 'commander'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { readingCodec } from '../../assembly/codec.js'
import { UsageError, messageOf } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import { printable } from '../../infra/text/printable.js'
import { PastReader } from '../../processors/forensics/history/past-reader.js'
import { findAlert, type FoundAlert } from '../../processors/forensics/story/read-story.js'
import type { Codec } from '../../schemas/codec.js'
import type { Alert } from '../../schemas/generated/types.js'
import { recordFromJson } from '../../schemas/record-json.js'
import { commandContext } from '../settings.js'

/** A command that is at work. */
export interface OpenPast {
  readonly reader: PastReader
  readonly codec: Codec
  readonly log: Logger
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

const MAX_ALERT_BYTES = 4 << 20

/** Runs a command over the past, and closes what it opened. */
export async function withPast<Result>(command: Command, work: (past: OpenPast) => Promise<Result>): Promise<Result> {
  const { config, log } = commandContext(command, [], 'warn')
  const codec = readingCodec(config.schemas)
  const { openHistory } = await import('../../assembly/history.js')
  const history = openHistory(config, log)
  const end = new AbortController()
  const interrupt = (): void => end.abort(new UsageError('interrupted'))
  process.once('SIGINT', interrupt)
  try {
    return await work({ reader: new PastReader(history, codec, end.signal), codec, log, signal: end.signal })
  } finally {
    process.removeListener('SIGINT', interrupt)
    await history.close()
  }
}

function readGiven(argument: string): Buffer {
  try {
    return readFileSync(argument === '-' ? 0 : argument)
  } catch (error) {
    throw new UsageError(`${printable(argument)} can not be read: ${messageOf(error)}`, { cause: error })
  }
}

/** The alert of an argument: `-` or a file with it as JSON, or the beginning of its id. @throws UsageError */
export async function givenAlert(
  argument: string,
  { reader, codec }: OpenPast,
): Promise<FoundAlert & { readonly source: 'topic' | 'file' }> {
  const isFile = argument === '-' || (existsSync(argument) && statSync(argument).isFile())
  if (!isFile) return { ...(await findAlert(argument, reader, codec, Date.now())), source: 'topic' }
  const text = readGiven(argument)
  if (text.length > MAX_ALERT_BYTES) throw new UsageError(`${printable(argument)} is too large for one alert`)
  try {
    const alert = recordFromJson(codec.schema('alerts'), JSON.parse(text.toString())) as Alert
    return { alert, aheadMs: 0, source: 'file' }
  } catch (error) {
    throw new UsageError(`${printable(argument)} is no alert as \`eunomia alerts --json\` prints one: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** Writes text to a new file that only we can read, or to stdout. @throws UsageError when the file exists */
export async function writeResult(text: string, file: string | undefined): Promise<void> {
  if (file === undefined) {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain')
    return
  }
  writeNewFile(file, text)
}

/** For a file that is written after long work. @throws UsageError when it exists */
export function refuseExisting(file: string | undefined): void {
  if (file !== undefined && existsSync(file)) throw new UsageError(`${printable(file)} can't be written: it exists already`)
}

/** @throws UsageError when the file exists or can't be written */
export function writeNewFile(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'it exists already' : messageOf(error)
    throw new UsageError(`${printable(file)} can't be written: ${why}`, { cause: error })
  }
}
