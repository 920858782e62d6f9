// `eunomia archive`: what is archived, whether it is whole, and what is done with it. `eunomia process archive` writes it.
import type { Command } from 'commander'
import { printable } from '../../infra/text/printable.js'
import type { VerifyReport } from '../../processors/forensics/archive/verify.js'
import { commandContext, parseSize } from '../settings.js'
import { columnTable } from '../terminal/terminal-text.js'
import { addRange, examplesOf, type RangeOptions, rangeOf } from './archive-flags.js'
import { registerHoldCommands } from './hold-command.js'

const EXAMPLES = `
The archive is where archive.url says; \`eunomia process archive\` writes it. docs/archive.md explains it.

Examples:
  eunomia archive status                     objects, records and lag, by topic
  eunomia archive verify --since 7d          every offset is in one object, and every object is what its entry says
  eunomia archive restore --to-prefix case42. --topic process --since 2026-11-01T00:00:00Z --until 2026-11-02T00:00:00Z
  eunomia archive compact                    joins small objects
  eunomia archive clean --dry-run            what archive.retentionDays removes`

const VERIFY_EXAMPLES = `
Ends with status 1 when something is wrong. Offsets without a record have a reason: absent (marks of transactions, aborted records), expired
(retention removed them), damaged (they could not be read).

Examples:
  eunomia archive verify
  eunomia archive verify --topic process --topic file --since 30d --json`

/** Adds the command to the program. */
export function registerArchiveCommand(program: Command): void {
  const archive = program
    .command('archive')
    .description('the archive of topics: status, checks, restore, retention')
    .addHelpText('after', EXAMPLES)
  archive
    .command('status')
    .description('objects, records, bytes, times and lag, by topic')
    .option('--json', 'one JSON object per topic', false)
    .addHelpText('after', examplesOf('status', 'status --json | jq .lag'))
    .action(status)
  addRange(archive.command('verify').description('check that every offset is in exactly one object, and every object whole'))
    .option('--json', 'one JSON object per finding, then the counts', false)
    .addHelpText('after', VERIFY_EXAMPLES)
    .action(verifyCommand)
  addRange(archive.command('restore').description('write a range back into new topics, with partitions, times, keys and headers'))
    .requiredOption('--to-prefix <prefix>', 'prefix of the topics, instead of kafka.topicPrefix; none of them may exist')
    .addHelpText('after', examplesOf('restore --to-prefix case42. --topic process --since 2d --until 1d'))
    .action(restoreCommand)
  archive
    .command('compact')
    .description('join small objects that are next to each other')
    .option('--smaller-than <size>', 'what is small', parseSize, 8 * 2 ** 20)
    .addHelpText('after', examplesOf('compact', 'compact --smaller-than 1MiB'))
    .action(compactCommand)
  archive
    .command('clean')
    .description('remove what archive.retentionDays does not keep, and objects without an entry; what is held stays')
    .option('--dry-run', 'only show what would be removed', false)
    .option('--all-orphans', 'remove objects without an entry, however many there are', false)
    .addHelpText('after', examplesOf('clean --dry-run', 'clean --set archive.retentionDays=process=30'))
    .action(cleanCommand)
  registerHoldCommands(archive)
}

async function status({ json }: { json: boolean }, command: Command): Promise<void> {
  const { archiveStatus } = await import('../../assembly/archive-commands.js')
  const rows = await archiveStatus(commandContext(command, [], 'warn'))
  if (json) return void rows.map((row) => process.stdout.write(`${JSON.stringify(row)}\n`))
  const time = (ms: number | null): string => (ms === null ? '-' : new Date(ms).toISOString())
  const columns = [
    { title: 'TOPIC', value: ({ topic }: (typeof rows)[number]) => topic },
    { title: 'OBJECTS', value: ({ objects }: (typeof rows)[number]) => String(objects) },
    { title: 'RECORDS', value: ({ records }: (typeof rows)[number]) => String(records) },
    { title: 'BYTES', value: ({ bytes }: (typeof rows)[number]) => String(bytes) },
    { title: 'FIRST', value: ({ firstMs }: (typeof rows)[number]) => time(firstMs) },
    { title: 'LAST', value: ({ lastMs }: (typeof rows)[number]) => time(lastMs) },
    { title: 'LAG', value: ({ lag }: (typeof rows)[number]) => String(lag) },
  ]
  process.stdout.write(columnTable(columns, rows))
}

async function verifyCommand(options: RangeOptions & { json: boolean }, command: Command): Promise<void> {
  const { verify } = await import('../../assembly/archive-commands.js')
  const isShown = process.stderr.isTTY && !options.json
  const onProgress = ({ objects, records }: VerifyReport, of: number): void => {
    if (isShown) process.stderr.write(`\r${String(objects)} of ${String(of)} objects, ${String(records)} records`)
  }
  const { findings, ...counts } = await verify(commandContext(command, [], 'warn'), rangeOf(options), onProgress)
  if (isShown) process.stderr.write('\n')
  for (const finding of findings) {
    const { topic, partition, from, to, object, what } = finding
    const place = `${topic} ${String(partition)} [${String(from)}, ${String(to)})${object === null ? '' : ` ${printable(object)}`}`
    process.stdout.write(options.json ? `${JSON.stringify(finding)}\n` : `${place}: ${printable(what)}\n`)
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ ...counts, findings: findings.length })}\n`)
  else {
    const { absent, expired, damaged } = counts.gaps
    process.stdout.write(`${String(counts.objects)} objects, ${String(counts.records)} records, ${String(counts.bytes)} bytes\n`)
    process.stdout.write(`offsets without a record: ${String(absent)} absent, ${String(expired)} expired, ${String(damaged)} damaged\n`)
    process.stdout.write(findings.length === 0 ? 'nothing is wrong\n' : `${String(findings.length)} findings\n`)
  }
  if (findings.length > 0) process.exitCode = 1
}

async function restoreCommand(options: RangeOptions & { toPrefix: string }, command: Command): Promise<void> {
  const { restore } = await import('../../assembly/archive-commands.js')
  const { records, damaged } = await restore(commandContext(command), options.toPrefix, rangeOf(options))
  process.stdout.write(`${String(records)} records are in the topics ${options.toPrefix}eunomia.*\n`)
  if (damaged === 0) return
  process.stdout.write(`${String(damaged)} objects are damaged and left out: eunomia archive verify\n`)
  process.exitCode = 1
}

async function compactCommand({ smallerThan }: { smallerThan: number }, command: Command): Promise<void> {
  const { compact } = await import('../../assembly/archive-commands.js')
  const { before, after } = await compact(commandContext(command), smallerThan)
  process.stdout.write(`${String(before)} objects are joined into ${String(after)}; eunomia archive clean removes the former ones\n`)
}

async function cleanCommand({ dryRun, allOrphans }: { dryRun: boolean; allOrphans: boolean }, command: Command): Promise<void> {
  const { clean } = await import('../../assembly/archive-clean.js')
  const { expired, orphans } = await clean(commandContext(command), { isDryRun: dryRun, removesAllOrphans: allOrphans })
  const bytes = expired.reduce((sum, entry) => sum + entry.bytes, 0)
  if (dryRun) for (const name of [...expired.map(({ object }) => object), ...orphans]) process.stdout.write(`${printable(name)}\n`)
  const verb = dryRun ? 'would be removed' : 'are removed'
  process.stdout.write(
    `${String(expired.length)} expired objects of ${String(bytes)} bytes and ${String(orphans.length)} without an entry ${verb}\n`,
  )
}
