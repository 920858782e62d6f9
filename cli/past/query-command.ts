// `eunomia query`: SQL over the archive.
import { type Command, Option } from 'commander'
import { readFileSync } from 'node:fs'
import type { ArchiveAnswer } from '../../assembly/query.js'
import { UsageError } from '../../infra/process/errors.js'
import { writeText } from '../../infra/process/json-lines.js'
import { counted, printable, printableJson } from '../../infra/text/printable.js'
import { isoMicroseconds } from '../../schemas/alert-parts.js'
import { EXIT, failureOf } from '../lifecycle.js'
import { commandContext, parseMoment } from '../settings.js'
import { columnTable, cut } from '../terminal/terminal-text.js'
import { csvLine } from './timeline/timeline-formats.js'

const EXAMPLES = `
One SELECT over the views process, file, network, kernel, container, host, alerts and audit; docs/archive-columns.md has their columns.
Nothing else is run, and no other file is read.

Examples:
  eunomia query "SELECT host_name, count(*) FROM process WHERE type = 'exec' GROUP BY ALL"
  eunomia query --since 1d "SELECT time, process_name, args FROM process WHERE args LIKE '%nc -l%' ORDER BY time"
  eunomia query --format csv - < question.sql
  eunomia query "DESCRIBE network"`

/** Rows of a table, which is kept whole for its widths. */
const MAX_TABLE_ROWS = 1_000
const MAX_CELL = 60

interface QueryOptions {
  readonly since?: number
  readonly until?: number
  readonly format: 'table' | 'json' | 'csv'
}

/** Adds the command to the program. */
export function registerQueryCommand(program: Command): void {
  program
    .command('query')
    .argument('<sql>', 'a SELECT statement; - reads it from stdin')
    .description('SQL over the archive (DuckDB), read only')
    .option('--since <time>', 'only events since this time: 10m, 2h, 2026-01-31T12:00:00Z; others are not even fetched', (text) =>
      parseMoment(text),
    )
    .option('--until <time>', 'only events before this time', (text) => parseMoment(text))
    .addOption(
      new Option('--format <format>', 'a table of at most 1000 rows, or all rows as JSON lines or CSV')
        .choices(['table', 'json', 'csv'])
        .default('table'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (argument: string, { since, until, format }: QueryOptions, command: Command) => {
      const sql = argument === '-' ? readFileSync(0, 'utf8') : argument
      const { config, log } = commandContext(command, [], 'warn')
      const times = since === undefined && until === undefined ? null : ([since ?? 0, until ?? Number.MAX_SAFE_INTEGER / 1000] as const)
      if (times !== null && times[1] <= times[0]) throw new UsageError('--until is not after --since')
      const onRunaway = (error: Error): void => {
        process.stderr.write(failureOf(error).text ?? '')
        // An ordinary exit would wait for the engine, which takes more memory meanwhile.
        process.kill(process.pid, 'SIGKILL')
      }
      const { queryArchive } = await import('../../assembly/query.js')
      await queryArchive(
        config,
        log,
        { sql, times: times === null ? null : [Math.floor(times[0]), Math.floor(times[1])], onRunaway },
        async (answer) => {
          await PRINTERS[format](answer)
          for (const [topic, us] of answer.reaches)
            process.stderr.write(
              us === null ? `the archive has nothing of ${topic}\n` : `the archive of ${topic} reaches to ${isoMicroseconds(us)}\n`,
            )
          for (const { object, reason } of answer.damaged) process.stderr.write(`not read: ${printable(object)}: ${printable(reason)}\n`)
          if (answer.damaged.length > 0) process.exitCode = EXIT.failed
        },
      )
    })
}

type Cell = Awaited<ReturnType<typeof firstRows>>['rows'][number][number]

const PRINTERS: Readonly<Record<QueryOptions['format'], (answer: ArchiveAnswer) => Promise<void>>> = {
  table: async (answer) => {
    const { rows, isCut } = await firstRows(answer)
    const columns = answer.columns.map((title, index) => ({
      title: printable(title),
      value: (row: readonly Cell[]) => cut(textOf(row[index] ?? null).slice(0, 4 * MAX_CELL), MAX_CELL),
    }))
    await writeText(process.stdout, columnTable(columns, rows))
    process.stderr.write(
      `${counted(rows.length, 'row')}${isCut ? ', and more: use LIMIT, or --format json' : ''}, from ${counted(answer.objects, 'object')}\n`,
    )
  },
  json: async ({ columns, rows }) => {
    for await (const some of rows) {
      const lines = some.map((row) => JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null]))))
      await writeText(process.stdout, lines.map((line) => `${process.stdout.isTTY ? printableJson(line) : line}\n`).join(''))
    }
  },
  csv: async ({ columns, rows }) => {
    await writeText(process.stdout, `${csvLine(columns)}\n`)
    for await (const some of rows) {
      const lines = some.map((row) => csvLine(row.map((cell) => (typeof cell === 'object' && cell !== null ? textOf(cell) : cell))))
      await writeText(process.stdout, lines.map((line) => `${line}\n`).join(''))
    }
  },
}

async function firstRows({ rows }: ArchiveAnswer) {
  const first: (typeof rows extends AsyncIterable<readonly (infer Row)[]> ? Row : never)[] = []
  for await (const some of rows) {
    first.push(...some)
    if (first.length > MAX_TABLE_ROWS) return { rows: first.slice(0, MAX_TABLE_ROWS), isCut: true }
  }
  return { rows: first, isCut: false }
}

function textOf(value: Cell): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
