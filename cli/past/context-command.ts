// `eunomia context`: the story of an alert.
import { type Command, Option } from 'commander'
import { printableJson } from '../../infra/text/printable.js'
import { readStory, windowAround } from '../../processors/forensics/story/read-story.js'
import type { Story } from '../../processors/forensics/story/story.js'
import { storyPage } from '../../processors/forensics/story/story-page.js'
import { parseSpan } from '../settings.js'
import { storyLines } from '../terminal/story-text.js'
import { colorsFor, widthOf } from '../terminal/terminal-text.js'
import { givenAlert, refuseExisting, withPast, writeResult } from './open-past.js'

const EXAMPLES = `
ALERT is the id of an alert or its beginning, or - or a file with an alert as JSON. Times are in UTC.

Examples:
  eunomia context 3f2a9c                                 the process tree around an alert
  eunomia context 3f2a9c --before 1h --after 10m
  eunomia context 3f2a9c --format html --output case.html   one file to share, without scripts and requests
  eunomia alerts --json | head -1 | eunomia context -`

/** Default span before and after an alert. */
export const AROUND_MS = 300_000

interface ContextOptions {
  readonly before: number
  readonly after: number
  readonly format: 'tree' | 'json' | 'html'
  readonly output?: string
}

/** Adds the command to the program. */
export function registerContextCommand(program: Command): void {
  program
    .command('context')
    .argument('<alert>', 'id of the alert, or its beginning; - or a file for an alert as JSON')
    .description('the story of an alert: processes, files, connections and other alerts around it')
    .option('--before <span>', 'from this long before the alert (default: 5m)', parseSpan, AROUND_MS)
    .option('--after <span>', 'until this long after it (default: 5m)', parseSpan, AROUND_MS)
    .addOption(
      new Option('--format <format>', 'a tree for the terminal, JSON, or one HTML file').choices(['tree', 'json', 'html']).default('tree'),
    )
    .option('--output <file>', 'write to this new file')
    .addHelpText('after', EXAMPLES)
    .action(async (argument: string, options: ContextOptions, command: Command) => {
      refuseExisting(options.output)
      const story = await withPast(command, async (past) => {
        const found = await givenAlert(argument, past)
        return await readStory(found, windowAround(found.alert, options.before, options.after), past.reader)
      })
      await writeResult(storyText(story, options), options.output)
    })
}

function storyText(story: Story, { format, output }: ContextOptions): string {
  if (format === 'html') return storyPage(story)
  const { stdout } = process
  const isTerminal = output === undefined && stdout.isTTY
  if (format === 'json') {
    const json = `${JSON.stringify(story, null, 2)}\n`
    return isTerminal ? printableJson(json) : json
  }
  const lines = storyLines(story, isTerminal ? widthOf(stdout) : 120, colorsFor(isTerminal ? stdout : {}))
  return `${lines.join('\n')}\n`
}
