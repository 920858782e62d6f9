// Flags of the archive's commands that name a range, and how their help ends.
import { type Command, InvalidArgumentError } from 'commander'
import type { VerifyRange } from '../../processors/forensics/archive/verify.js'
import { type ArchiveTopic, ARCHIVE_TOPICS } from '../../processors/forensics/columns.js'
import { parseMoment, repeated } from '../settings.js'

/** A range as flags name it. Times are Unix milliseconds. */
export interface RangeOptions {
  readonly topic?: ArchiveTopic[]
  readonly since?: number
  readonly until?: number
}

/** The end of the help of a command. */
export function examplesOf(...commands: readonly string[]): string {
  return `\nExamples:\n${commands.map((words) => `  eunomia archive ${words}`).join('\n')}`
}

/** Flags of a range. */
export function addRange(command: Command): Command {
  return command
    .option('--topic <topic>', `only this topic; may be repeated (${ARCHIVE_TOPICS.join(', ')})`, topics)
    .option('--since <time>', 'from this time of records in their topics on: 7d, or 2026-01-31T12:00:00Z', parsePast)
    .option('--until <time>', 'before this time', parsePast)
}

/** The range of flags. */
export function rangeOf({ topic, since, until }: RangeOptions): VerifyRange {
  return { ...(topic && { topics: topic }), ...(since !== undefined && { fromMs: since }), ...(until !== undefined && { toMs: until }) }
}

function topics(text: string, before: readonly string[] = []): string[] {
  if (!ARCHIVE_TOPICS.some((one) => one === text)) throw new InvalidArgumentError(`Expected one of ${ARCHIVE_TOPICS.join(', ')}.`)
  return repeated(text, before)
}

/** commander passes the value before as a second argument. */
function parsePast(text: string): number {
  return parseMoment(text)
}
