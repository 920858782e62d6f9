// `eunomia timeline`: events of the past in order.
import { type Command, Option } from 'commander'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError, messageOf } from '../../../infra/process/errors.js'
import { counted, printable, printableJson } from '../../../infra/text/printable.js'
import { type ObjectWriter, ObjectWriters } from '../../../processors/forensics/parquet/object-writer.js'
import { isoMicroseconds } from '../../../schemas/alert-parts.js'
import { chosenKinds } from '../../collect/details.js'
import { parseMoment, repeated } from '../../settings.js'
import { widthOf } from '../../terminal/terminal-text.js'
import { type OpenPast, refuseExisting, withPast, writeNewFile, writeResult } from '../open-past.js'
import { processOfEvent, type TimelineEvent, TIMELINE_TOPICS, type TimelineTopic } from './timeline-event.js'
import { LINE_FORMATS, type LineFormat, lineWriter } from './timeline-formats.js'
import { type Selected, select } from './timeline-selection.js'

const EXAMPLES = `
Times are in UTC. A timeline ends with what could not be read.

Examples:
  eunomia timeline --host web-3 --since 1h
  eunomia timeline --container shop --since 2026-11-28T06:00:00Z --until 2026-11-28T06:10:00Z --kind exec,connect,alerts
  eunomia timeline --process 4242@web-3 --since 30m --grep shadow
  eunomia timeline --host web-3 --since 1h --format timesketch --output case.jsonl
  eunomia timeline --host web-3 --since 1h --format parquet --output case/     one file per topic, with the records' own bytes`

/** Bounds of what is sorted in memory. */
const MAX_EVENTS = 100_000
const MAX_NAMED = 10
const MAX_BYTES = 256 << 20

interface TimelineOptions {
  readonly host?: string
  readonly container?: string
  readonly process?: string
  readonly since: number
  readonly until?: number
  readonly kind?: string[]
  readonly grep?: string
  readonly limit: number
  readonly format: LineFormat | 'parquet'
  readonly output?: string
}

/** Adds the command to the program. */
export function registerTimelineCommand(program: Command): void {
  program
    .command('timeline')
    .description('events of the past in order: of a host, a container, a process or all')
    .option('--host <name-or-id>', 'only events of this host')
    .option('--container <name-or-id>', 'only events of this container: its name, its id or the beginning of its id')
    .option('--process <pid[@host]>', 'only events of this process, and those that act on it')
    .option(
      '--since <time>',
      'from this time: 10m, 2h, 2026-01-31T12:00:00Z (default: 1h)',
      (text) => parseMoment(text),
      Date.now() - 3_600_000,
    )
    .option('--until <time>', 'until this time (default: now)', (text) => parseMoment(text))
    .option(
      '--kind <kinds>',
      'only these kinds: exec, open-write, connect ..., or topics: process, file, network, kernel, container, alerts, host',
      repeated,
    )
    .option('--grep <text>', 'only events with this text in them, in any case')
    .option('--limit <number>', `at most so many events, the first ones (default: ${String(MAX_EVENTS)})`, parseLimit, MAX_EVENTS)
    .addOption(new Option('--format <format>', 'a table, or a file for other tools').choices([...LINE_FORMATS, 'parquet']).default('table'))
    .option('--output <file>', 'write to this new file; for parquet, a folder')
    .addHelpText('after', EXAMPLES)
    .action(async (options: TimelineOptions, command: Command) => {
      const selection = {
        ...options,
        fromMs: options.since,
        toMs: options.until ?? Date.now(),
        kinds: options.kind === undefined ? null : chosenKinds(options.kind, TIMELINE_TOPICS),
      }
      if (selection.toMs <= selection.fromMs) throw new UsageError('--until is not after --since')
      if (options.format !== 'parquet') refuseExisting(options.output)
      const notes = await withPast(command, async (past) => {
        const selected = await select(selection, past.reader)
        const topics = TIMELINE_TOPICS.filter((topic) => mayHave(topic, selection.kinds))
        const query = {
          topics,
          fromMs: selection.fromMs,
          toMs: selection.toMs,
          ...(selected.hostIds === null ? {} : { keys: selected.hostIds }),
        }
        const made =
          options.format === 'parquet'
            ? await writeParquet(query, selected, options, past)
            : await writeLines(query, selected, { ...options, format: options.format }, past)
        return [...made, ...past.reader.unread.map((reason) => `not read: ${reason}`)]
      })
      for (const note of notes) process.stderr.write(`${printable(note)}\n`)
    })
}

function parseLimit(text: string): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > 5_000_000) throw new UsageError('--limit: expected a number from 1 to 5000000')
  return limit
}

/** Topics whose events can't be of the kinds are not read. */
function mayHave(topic: TimelineTopic, kinds: ReadonlySet<string> | null): boolean {
  if (kinds === null) return topic !== 'host'
  return kinds.has(topic) || ([...kinds].some((kind) => !(TIMELINE_TOPICS as readonly string[]).includes(kind)) && topic !== 'host')
}

interface Query {
  readonly topics: readonly TimelineTopic[]
  readonly fromMs: number
  readonly toMs: number
  readonly keys?: readonly string[]
}

/** @returns what the reader must know: cut, left out */
async function writeLines(
  query: Query,
  selected: Selected,
  options: TimelineOptions & { readonly format: LineFormat },
  { reader }: OpenPast,
): Promise<string[]> {
  const { stdout } = process
  const isTerminal = options.output === undefined && stdout.isTTY
  const writer = lineWriter(options.format, isTerminal ? widthOf(stdout) : 4_096, dayOf(query.fromMs) !== dayOf(query.toMs - 1))
  const lines = new FirstLines(options.limit)
  const ofProcess = new Set<string>()
  let without = 0
  await reader.read(query, (event) => {
    if (!selected.isWanted(event)) return
    const isOfPid = options.process !== undefined && processOfEvent(event)?.pid === parseInt(options.process, 10)
    if (isOfPid && ofProcess.size <= MAX_NAMED) ofProcess.add(identityOf(event))
    const line = writer.line(event)
    if (line === null) without++
    else lines.add(event.record.origin.wallTimeUs, line)
  })
  const sorted = lines.sorted()
  const text = sorted.map((line) => `${isTerminal && options.format !== 'table' ? printableJson(line) : line}\n`)
  await writeResult(`${writer.heading === null ? '' : `${writer.heading}\n`}${text.join('')}`, options.output)
  return [
    ...(sorted.length === 0 ? ['no event'] : []),
    ...(ofProcess.size > 1
      ? [`events of ${counted(ofProcess.size, 'process', 'processes')} with that pid: ${[...ofProcess].slice(0, MAX_NAMED).join('; ')}`]
      : []),
    ...(lines.dropped > 0
      ? [`${counted(lines.dropped, 'later event')} left out: too many for one timeline (--limit, --until, --kind)`]
      : []),
    ...(without > 0 ? [`${counted(without, 'event')} left out, which the format ${options.format} has no place for`] : []),
    ...(writer.cutTexts > 0 ? [`${counted(writer.cutTexts, 'text')} cut at 32766 bytes`] : []),
  ]
}

function dayOf(ms: number): number {
  return Math.floor(ms / 86_400_000)
}

/** Host, boot and start: a pid alone is none. */
function identityOf(event: TimelineEvent): string {
  const { hostName, bootId, wallTimeUs, bootTimeUs } = event.record.origin
  const process = processOfEvent(event)
  const started = process === null ? '?' : isoMicroseconds(wallTimeUs - bootTimeUs + process.startBootUs)
  return `on ${hostName}, boot ${bootId}, started ${started.slice(0, 19)}`
}

/** The first lines in order of their times, in bounded memory. */
class FirstLines {
  readonly #limit: number
  #lines: { readonly timeUs: number; readonly line: string }[] = []
  #bytes = 0
  dropped = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  add(timeUs: number, line: string): void {
    this.#lines.push({ timeUs, line })
    this.#bytes += line.length
    if (this.#lines.length >= 2 * this.#limit || this.#bytes > MAX_BYTES) this.#cut(MAX_BYTES / 2)
  }

  sorted(): string[] {
    this.#cut(MAX_BYTES)
    return this.#lines.map(({ line }) => line)
  }

  #cut(mostBytes: number): void {
    const sorted = this.#lines.sort((a, b) => a.timeUs - b.timeUs)
    let bytes = 0
    const end = sorted.findIndex(({ line }, index) => index >= this.#limit || (bytes += line.length) > mostBytes)
    this.#lines = end < 0 ? sorted : sorted.slice(0, end)
    this.dropped += sorted.length - this.#lines.length
    this.#bytes = this.#lines.reduce((sum, { line }) => sum + line.length, 0)
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new UsageError(`${printable(folder)} can't be used as a folder: ${messageOf(error)}`, { cause: error })
  }
}

/** A file per topic as the archive writes objects: with the original bytes of the records. */
async function writeParquet(query: Query, selected: Selected, options: TimelineOptions, { reader, codec }: OpenPast): Promise<string[]> {
  const folder = options.output
  if (folder === undefined) throw new UsageError('--format parquet: give a folder with --output')
  const writers = await ObjectWriters.create(codec)
  const files = new Map<TimelineTopic, ObjectWriter>()
  let [events, beyond] = [0, 0]
  await reader.read(query, (event, place) => {
    if (!selected.isWanted(event)) return
    if (events >= options.limit) return void beyond++
    let file = files.get(event.topic)
    if (file === undefined) {
      file = writers.begin(event.topic)
      files.set(event.topic, file)
    }
    file.add(place)
    events++
  })
  makeFolder(folder)
  const written = [...files].map(([topic, file]) => {
    const { content, facts } = file.finish()
    writeNewFile(join(folder, `${topic}.parquet`), content)
    return `${topic}.parquet: ${counted(facts.records, 'event')}, sha256 ${facts.sha256}`
  })
  return [
    ...(events === 0 ? ['no event'] : written),
    ...(beyond > 0 ? [`${counted(beyond, 'event')} more than the limit left out (--limit)`] : []),
  ]
}
