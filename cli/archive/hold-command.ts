// `eunomia archive hold`: what retention does not remove, for a case. They are records of eunomia.state.v1; every change is in eunomia.audit.v1, too.
import type { Command } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import type { ArchiveTopic } from '../../processors/forensics/columns.js'
import { commandContext, defaultAuthor } from '../settings.js'
import { columnTable } from '../terminal/terminal-text.js'
import { addRange, examplesOf } from './archive-flags.js'

const ADD_EXAMPLE = "hold add --since 2026-11-01T00:00:00Z --until 2026-11-03T00:00:00Z --reason 'case 4711'"
const END_EXAMPLE = "hold end 3f9a2c1d --reason 'case 4711 is closed'"

interface AddOptions {
  readonly topic?: ArchiveTopic[]
  readonly since?: number
  readonly until?: number
  readonly reason: string
  readonly author?: string
}

/** Adds the commands to `archive`. */
export function registerHoldCommands(archive: Command): void {
  const hold = archive
    .command('hold')
    .description('keep a range beyond its retention')
    .addHelpText('after', examplesOf(ADD_EXAMPLE, 'hold list', END_EXAMPLE))
  addRange(hold.command('add').description('hold what is archived, now or later, of a range of times'))
    .requiredOption('--reason <text>', 'why')
    .option('--author <name>', 'who wants it (default: the user of this command)')
    .addHelpText('after', examplesOf(ADD_EXAMPLE))
    .action(add)
  hold
    .command('list')
    .description('the holds that last')
    .option('--json', 'one JSON object per hold', false)
    .addHelpText('after', examplesOf('hold list'))
    .action(list)
  hold
    .command('end <id>')
    .description('end a hold: retention applies again')
    .requiredOption('--reason <text>', 'why')
    .option('--author <name>', 'who ends it (default: the user of this command)')
    .addHelpText('after', examplesOf(END_EXAMPLE))
    .action(end)
}

async function add({ topic, since, until, reason, author }: AddOptions, command: Command): Promise<void> {
  if (since === undefined || until === undefined) throw new UsageError('a hold needs --since and --until')
  if (until <= since) throw new UsageError('--until must be after --since')
  const { addHold } = await import('../../assembly/archive-holds.js')
  const hold = { topics: topic ?? [], fromUs: since * 1000, toUs: until * 1000 }
  const id = await addHold(commandContext(command, [], 'warn'), hold, { author: author ?? defaultAuthor(), reason })
  process.stdout.write(`${id}\n`)
}

async function list({ json }: { json: boolean }, command: Command): Promise<void> {
  const { listHolds } = await import('../../assembly/archive-holds.js')
  const holds = await listHolds(commandContext(command, [], 'warn'))
  if (json) return void holds.map((hold) => process.stdout.write(`${JSON.stringify(hold)}\n`))
  const time = (us: number): string => new Date(us / 1000).toISOString()
  const columns = [
    { title: 'ID', value: ({ id }: (typeof holds)[number]) => id },
    { title: 'TOPICS', value: ({ topics }: (typeof holds)[number]) => (topics.length === 0 ? 'all' : topics.join(' ')) },
    { title: 'FROM', value: ({ fromUs }: (typeof holds)[number]) => time(fromUs) },
    { title: 'UNTIL', value: ({ toUs }: (typeof holds)[number]) => time(toUs) },
    { title: 'AUTHOR', value: ({ author }: (typeof holds)[number]) => author },
    { title: 'REASON', value: ({ reason }: (typeof holds)[number]) => reason },
  ]
  process.stdout.write(columnTable(columns, holds))
}

async function end(id: string, { reason, author }: { reason: string; author?: string }, command: Command): Promise<void> {
  const { endHold } = await import('../../assembly/archive-holds.js')
  await endHold(commandContext(command, [], 'warn'), id, { author: author ?? defaultAuthor(), reason })
}
