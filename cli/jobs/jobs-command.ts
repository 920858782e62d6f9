// `eunomia jobs`: hunts that workers run (`eunomia hunt --detach`), and saved ones.
import { type Command, Option } from 'commander'
import { setTimeout as delay } from 'node:timers/promises'
import type { HuntProgress } from '../../processors/forensics/jobs/hunt-queue.js'
import type { HuntState, KnownHunt } from '../../processors/forensics/jobs/hunt-state.js'
import type { HuntAccount as StoredAccount } from '../../processors/forensics/jobs/hunt-worker.js'
import { planOf, savedHuntOf, unpacked } from '../../processors/forensics/jobs/packed.js'
import { nextRun } from '../../processors/forensics/jobs/saved-hunt.js'
import { UsageError } from '../../infra/process/errors.js'
import { printable } from '../../infra/text/printable.js'
import { nearestName } from '../../infra/text/nearest.js'
import { ALERT_FORMATS, type AlertFormat } from '../../schemas/alert-formats.js'
import type { AuditAction, HuntStatus } from '../../schemas/generated/types.js'
import { accountOf, accountText } from '../hunt/hunt-account.js'
import { ProgressLine } from '../hunt/hunt-progress.js'
import { RowOutput } from '../hunt/row-output.js'
import { type CommandContext, commandContext, defaultAuthor } from '../settings.js'
import { columnTable } from '../terminal/terminal-text.js'

const EXAMPLES = `
A hunt is started with \`eunomia hunt RULES --since 7d --detach\` and run by \`eunomia process hunt\`, in any number of processes. Its plan is in
eunomia.state.v1, its rows are in eunomia.hunts.v1 for a week; Redis has only the queue, and may lose it.

Examples:
  eunomia jobs list
  eunomia jobs show 0a1b2c3d4e5f --follow
  eunomia jobs show 0a1b2c3d4e5f --rows --format json > alerts.jsonl
  eunomia jobs pause 0a1b2c3d4e5f --reason 'after office hours'
  eunomia jobs run nightly-shadow          a saved hunt, now`

interface ShowOptions {
  readonly json: boolean
  readonly follow: boolean
  readonly rows: boolean
  readonly format: AlertFormat | 'table'
  readonly output?: string
}

interface ChangeOptions {
  readonly reason: string
  readonly author?: string
}

const CHANGES: readonly (readonly [name: string, from: readonly HuntStatus[], to: HuntStatus, AuditAction, description: string])[] = [
  ['pause', ['running'], 'paused', 'hunt_pause', 'take no further slices of hunts; those under way end'],
  ['resume', ['paused'], 'running', 'hunt_resume', 'go on with paused hunts'],
  ['cancel', ['running', 'paused'], 'cancelled', 'hunt_cancel', 'end hunts for good; the rows of slices that have ended stay'],
]
const FOLLOW_MS = 1_000
const ID = 'id as `jobs list` shows it, or its beginning'

/** Adds the command to the program. */
export function registerJobsCommand(program: Command): void {
  const jobs = program
    .command('jobs')
    .description('hunts that workers run, and saved hunts: list, show, pause, resume, cancel, run, remove')
  jobs.addHelpText('after', EXAMPLES)
  jobs
    .command('list')
    .description('hunts of the last time, and saved ones')
    .option('--json', 'one JSON object per line', false)
    .action(listJobs)
  jobs
    .command('show')
    .description('how far a hunt is, and its account when it has ended; its rows with --rows')
    .argument('<id>', ID)
    .option('--follow', 'until it has ended', false)
    .option('--rows', 'the alerts of the slices that have ended', false)
    .addOption(
      new Option('--format <format>', 'of rows: text blocks, or a line for each').choices(['table', ...ALERT_FORMATS]).default('table'),
    )
    .option('--output <file>', 'write the rows there instead of to standard output')
    .option('--json', 'the facts as one JSON object', false)
    .action(showJob)
  for (const [name, from, to, action, description] of CHANGES) {
    addChangeFlags(jobs.command(name).description(description).argument('<id...>', ID)).action(
      async (ids: string[], options: ChangeOptions, command: Command) => await changeJobs(ids, { from, to, action }, options, command),
    )
  }
  addChangeFlags(jobs.command('run').description('start a saved hunt now').argument('<name>', 'of the saved hunt')).action(runSaved)
  addChangeFlags(jobs.command('remove').description('forget a saved hunt; its runs stay').argument('<name>', 'of the saved hunt')).action(
    removeSaved,
  )
  for (const command of jobs.commands) command.addHelpText('after', EXAMPLES.slice(EXAMPLES.indexOf('\nExamples:')))
}

function addChangeFlags(command: Command): Command {
  return command
    .option('--reason <text>', 'why; it is in the audit trail', 'no reason given')
    .option('--author <name>', 'who wants it (default: the user of this command)')
}

async function listJobs({ json }: { json: boolean }, command: Command): Promise<void> {
  const context = commandContext(command, [], 'warn')
  const { readProgress, withHunts } = await import('../../assembly/hunts.js')
  const state = await withHunts(context, (hunts) => Promise.resolve(hunts))
  const hunts = [...state.hunts.values()].sort((a, b) => b.startedUs - a.startedUs)
  const open = hunts.filter(({ status }) => status === 'running' || status === 'paused').map(({ id }) => id)
  const progress = new Map((await readProgress(open, context)).map((one, index) => [open[index], one]))
  const rows = hunts.map((hunt) => rowOf(hunt, progress.get(hunt.id) ?? null))
  const saved = [...state.saved.values()].map((hunt) => ({
    name: hunt.id,
    schedule: hunt.schedule,
    author: hunt.author,
    reason: hunt.reason,
  }))
  if (json) {
    for (const row of [...saved.map((one) => ({ kind: 'saved', ...one })), ...rows.map((one) => ({ kind: 'hunt', ...one }))])
      process.stdout.write(`${JSON.stringify(row)}\n`)
    return
  }
  if (saved.length > 0) {
    const columns = [
      { title: 'SAVED', value: ({ name }: (typeof saved)[number]) => name },
      { title: 'SCHEDULE (UTC)', value: ({ schedule }: (typeof saved)[number]) => schedule ?? '-' },
      { title: 'AUTHOR', value: ({ author }: (typeof saved)[number]) => author },
      { title: 'REASON', value: ({ reason }: (typeof saved)[number]) => reason },
    ]
    process.stdout.write(`${columnTable(columns, saved)}\n`)
  }
  process.stdout.write(columnTable(HUNT_COLUMNS, rows))
}

/** A hunt in the list. */
interface HuntListRow {
  readonly id: string
  readonly status: HuntStatus
  readonly slices: string
  readonly records: number
  readonly rows: number
  readonly from: string
  readonly until: string
  readonly savedAs: string | null
  readonly startedBy: string
  readonly started: string
}

const HUNT_COLUMNS: readonly { readonly title: string; readonly value: (row: HuntListRow) => string }[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'SLICES', value: ({ slices }) => slices },
  { title: 'RECORDS', value: ({ records }) => String(records) },
  { title: 'ROWS', value: ({ rows }) => String(rows) },
  { title: 'FROM', value: ({ from }) => from },
  { title: 'UNTIL', value: ({ until }) => until },
  { title: 'SAVED AS', value: ({ savedAs }) => savedAs ?? '-' },
  { title: 'AUTHOR', value: ({ startedBy }) => startedBy },
]

function rowOf(hunt: KnownHunt, progress: HuntProgress | null): HuntListRow {
  const { id, status, savedAs, startedBy, startedUs } = hunt
  const { slices, fromMs, toMs } = planOf(hunt)
  const { slicesLeft, records, rows } = storedAccount(hunt) ?? {
    slicesLeft: slices.length - (progress?.ended ?? 0),
    ...{ records: progress?.records ?? 0, rows: progress?.rows ?? 0 },
  }
  return {
    ...{ id, status, records, rows, savedAs, startedBy },
    slices: `${String(slices.length - slicesLeft)}/${String(slices.length)}`,
    ...{ from: secondsText(fromMs), until: secondsText(toMs), started: secondsText(startedUs / 1000) },
  }
}

async function showJob(prefix: string, options: ShowOptions, command: Command): Promise<void> {
  const context = commandContext(command, [], 'warn')
  const { readRows, withHunts } = await import('../../assembly/hunts.js')
  const find = async (): Promise<KnownHunt> => await withHunts(context, (hunts) => Promise.resolve(huntOf(hunts, prefix)))
  const hunt = options.follow ? await followed(find, context) : await find()
  if (options.rows) {
    const output = new RowOutput(options)
    try {
      const { slicesLeft } = await readRows(hunt, (alert, codec) => output.write(codec.decode('alerts', alert)), context)
      if (slicesLeft === 0) return
      process.stderr.write(`not whole: ${String(slicesLeft)} slices have not ended, or their rows are older than eunomia.hunts.v1 keeps\n`)
      process.exitCode = 1
    } finally {
      output.close()
    }
    return
  }
  const { readProgress } = await import('../../assembly/hunts.js')
  const [progress = null] = hunt.account === null ? await readProgress([hunt.id], context) : [null]
  const row = rowOf(hunt, progress)
  const stored = storedAccount(hunt)
  const account = stored === null ? null : accountOf(planOf(hunt), stored)
  if (options.json) return void process.stdout.write(`${JSON.stringify({ ...row, reason: hunt.reason, account })}\n`)
  const { id, status, startedBy, started, slices, records, rows, savedAs } = row
  const lines = [
    `hunt        ${id}, ${status}${savedAs === null ? '' : `, a run of ${printable(savedAs)}`}`,
    `started     ${started} by ${printable(startedBy)}`,
    `changed     ${secondsText(hunt.changedUs / 1000)} by ${printable(hunt.author)}: ${printable(hunt.reason)}`,
  ]
  if (account === null) lines.push(`progress    ${slices} slices, ${String(records)} records, ${String(rows)} rows${leftText(progress)}`)
  process.stdout.write(`${lines.join('\n')}\n${account === null ? '' : accountText(account)}`)
}

/** Waits until the hunt has ended, with its progress on standard error. */
async function followed(find: () => Promise<KnownHunt>, context: CommandContext): Promise<KnownHunt> {
  const { readProgress } = await import('../../assembly/hunts.js')
  const line = new ProgressLine(process.stderr)
  for (;;) {
    const hunt = await find()
    if (hunt.status === 'ended' || hunt.status === 'cancelled') {
      line.end()
      return hunt
    }
    const [progress = null] = await readProgress([hunt.id], context)
    const { slices } = planOf(hunt)
    const recordsOfAll = slices.reduce((sum, slice) => sum + (slice.records ?? slice.to - slice.from), 0)
    const elapsedMs = Date.now() - hunt.startedUs / 1000
    const { ended: slicesEnded = 0, records = 0, rows: alerts = 0 } = progress ?? {}
    line.show({ slices: slices.length, slicesEnded, records, recordsOfAll, alerts, elapsedMs })
    await delay(FOLLOW_MS)
  }
}

async function changeJobs(
  prefixes: readonly string[],
  { from, to, action }: { readonly from: readonly HuntStatus[]; readonly to: HuntStatus; readonly action: AuditAction },
  options: ChangeOptions,
  command: Command,
): Promise<void> {
  const { statusChange, withHunts } = await import('../../assembly/hunts.js')
  await withHunts(commandContext(command), async (state, apply) => {
    const hunts = prefixes.map((prefix) => huntOf(state, prefix))
    const wrong = hunts.find(({ status }) => !from.includes(status))
    if (wrong !== undefined) throw new UsageError(`the hunt ${wrong.id} is ${wrong.status}, not ${from.join(' or ')}`)
    await apply(
      hunts.map((hunt) => statusChange(hunt, to, action)),
      { author: options.author ?? defaultAuthor(), reason: options.reason },
    )
    process.stdout.write(hunts.map(({ id }) => `${to} ${id}\n`).join(''))
  })
}

async function runSaved(name: string, options: ChangeOptions, command: Command): Promise<void> {
  const context = commandContext(command)
  const { startHunt, withHunts } = await import('../../assembly/hunts.js')
  const { saved, before } = await withHunts(context, (hunts) =>
    Promise.resolve({ saved: savedOf(hunts.saved, name), before: hunts.rangeEndsOf(name) }),
  )
  const { request } = nextRun(name, savedHuntOf(saved), Date.now(), before)
  const id = await startHunt(request, { author: options.author ?? defaultAuthor(), reason: options.reason }, context, name)
  process.stdout.write(`${id}\n`)
}

async function removeSaved(name: string, options: ChangeOptions, command: Command): Promise<void> {
  const { removeChange, withHunts } = await import('../../assembly/hunts.js')
  await withHunts(commandContext(command), async (state, apply) => {
    await apply([removeChange(savedOf(state.saved, name))], { author: options.author ?? defaultAuthor(), reason: options.reason })
    process.stdout.write(`removed ${name}\n`)
  })
}

function storedAccount({ account }: KnownHunt): StoredAccount | null {
  return account === null ? null : (unpacked(account) as StoredAccount)
}

/** @throws UsageError */
function huntOf({ hunts }: HuntState, prefix: string): KnownHunt {
  if (!/^[0-9a-f]{4,12}$/.test(prefix))
    throw new UsageError(`${prefix} is no id of a hunt: expected its 12 hex digits, or at least the first four`)
  const found = [...hunts.values()].filter(({ id }) => id.startsWith(prefix))
  const [hunt] = found
  if (hunt === undefined) throw new UsageError(`there is no hunt ${prefix}; eunomia jobs list shows them`)
  if (found.length > 1) throw new UsageError(`${String(found.length)} hunts begin with ${prefix}: ${found.map(({ id }) => id).join(', ')}`)
  return hunt
}

/** @throws UsageError with the nearest name */
function savedOf(saved: ReadonlyMap<string, KnownHunt>, name: string): KnownHunt {
  const hunt = saved.get(name)
  if (hunt !== undefined) return hunt
  const near = nearestName(name, [...saved.keys()])
  throw new UsageError(`there is no saved hunt ${name}${near === undefined ? '' : `; did you mean ${near}?`}`)
}

function leftText(progress: HuntProgress | null): string {
  if (progress === null) return '; no worker has it yet: start eunomia process hunt'
  const { addedMs, ended, slices } = progress
  if (ended === 0 || ended === slices) return ''
  const leftSeconds = ((Date.now() - addedMs) / 1000 / ended) * (slices - ended)
  return `, about ${String(Math.ceil(leftSeconds))} s left`
}

function secondsText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
