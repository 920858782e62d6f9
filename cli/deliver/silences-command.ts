// `eunomia deliver silences`: alerts that are not sent for a while. They are records of eunomia.state.v1; every change is in eunomia.audit.v1, too.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { randomBytes } from 'node:crypto'
import { UsageError } from '../../infra/process/errors.js'
import { type AlertMatch, PRIORITIES } from '../../processors/delivery/routing/alert-match.js'
import { LONGEST_SILENCE_MS, MOST_SILENCES, type Silence, silenceOf, Silences } from '../../processors/delivery/routing/silences.js'
import { commandContext, defaultAuthor, parseMoment, parseSpan, repeated } from '../settings.js'
import { columnTable } from '../terminal/terminal-text.js'

const ADD_EXAMPLES = `
Every field must fit; of a repeated field one value is enough. Values are globs: * ? [a-z].

Examples:
  eunomia deliver silences add --rule 'Shell in a container' --image 'registry.example/ci/*' --for 4h --reason 'migration, OPS-4711'
  eunomia deliver silences add --host build-7 --priority debug --for 30m --reason 'disk is replaced'`

const LIST_EXAMPLES = `
Examples:
  eunomia deliver silences list              those that hold now or later
  eunomia deliver silences list --all --json`

const SHOW_EXAMPLES = `
Examples:
  eunomia deliver silences show 3f9a2c1d
  eunomia deliver silences show 3f9a2c1d --json | jq -r .rule`

const END_EXAMPLES = `
Examples:
  eunomia deliver silences end 3f9a1c20 --reason 'migration is done'`

interface AddOptions {
  readonly priority?: AlertMatch['priority']
  readonly rule?: string[]
  readonly tag?: string[]
  readonly technique?: string[]
  readonly label?: string[]
  readonly namespace?: string[]
  readonly image?: string[]
  readonly host?: string[]
  readonly container?: string[]
  readonly for?: number
  readonly until?: number
  readonly reason: string
  readonly author?: string
  readonly json: boolean
}

interface EndOptions {
  readonly reason: string
  readonly author?: string
}

/** Adds the commands to `deliver`. */
export function registerSilencesCommand(deliver: Command): void {
  const silences = deliver
    .command('silences')
    .description('alerts that are not sent to receivers for a while; they stay in the alerts topic')
  silences
    .command('list')
    .description('the silences that hold now or later')
    .option('--all', 'also those that have ended', false)
    .option('--json', 'one JSON object per line', false)
    .addHelpText('after', LIST_EXAMPLES)
    .action(listSilences)
  const add = silences.command('add').description('silence alerts of events from now on')
  add.addOption(new Option('--priority <priority>', 'this priority or a more severe one').choices(PRIORITIES))
  for (const [flag, text] of FIELDS) add.option(`${flag}; may be repeated`, text, repeated)
  add
    .option('--for <span>', 'how long, as 30m, 4h, 7d; at most a year', parseSpan)
    .option('--until <time>', 'instead of --for: until this time, as 2026-01-31T12:00:00Z', parseLater)
    .requiredOption('--reason <text>', 'why; shown to everybody who looks at the silence')
    .option('--author <name>', 'who wants it (default: the user of this command)')
    .option('--json', 'print JSON', false)
    .addHelpText('after', ADD_EXAMPLES)
    .action(addSilence)
  silences
    .command('show <id>')
    .description('what a silence has silenced until now: a count by rule and host, or every alert with --json')
    .option('--json', 'one alert per line', false)
    .addHelpText('after', SHOW_EXAMPLES)
    .action(showSilence)
  silences
    .command('end <id...>')
    .description('end silences now; what they silenced until now stays silenced')
    .requiredOption('--reason <text>', 'why')
    .option('--author <name>', 'who ends it (default: the user of this command)')
    .addHelpText('after', END_EXAMPLES)
    .action(endSilences)
}

const FIELDS: readonly (readonly [string, string])[] = [
  ['--rule <name>', 'name or id of the rule'],
  ['--tag <tag>', 'a tag of the rule'],
  ['--technique <id>', 'technique of ATT&CK, with its sub-techniques: T1059'],
  ['--label <name=value>', 'a label of the container'],
  ['--namespace <name>', 'namespace of the pod'],
  ['--image <name>', 'image with or without tag, or its digest'],
  ['--host <name>', 'name or id of the host'],
  ['--container <name>', 'name or whole id of the container'],
]

function parseLater(text: string): number {
  if (!/^\d{4}-/.test(text)) throw new InvalidArgumentError('Expected a time such as 2026-01-31T12:00:00Z.')
  return parseMoment(text)
}

async function addSilence(options: AddOptions, command: Command): Promise<void> {
  const nowMs = Date.now()
  const match = matchOf(options)
  const startsUs = nowMs * 1000
  const endsUs = endOf(options, nowMs) * 1000
  const id = randomBytes(6).toString('hex')
  const silence = { match: JSON.stringify(match), startsUs, endsUs }
  const wanted = silenceOf({
    kind: 'silence',
    id,
    author: '',
    reason: options.reason,
    changedUs: startsUs,
    silence,
    alertState: null,
    hunt: null,
    archiveHold: null,
  })
  if (typeof wanted === 'string') throw new UsageError(`this is no silence: ${wanted}`)
  const { withPeople } = await import('../../assembly/people.js')
  const by = { author: options.author ?? defaultAuthor(), reason: options.reason }
  await withPeople(commandContext(command), async ({ silences }, apply) => {
    const isKept = silences.list().filter((one) => one.endsUs > startsUs).length < MOST_SILENCES
    if (!isKept) throw new UsageError(`there are ${String(MOST_SILENCES)} silences, and no more are possible: end some`)
    const record = { kind: 'silence', id, silence, alertState: null } as const
    await apply([{ action: 'silence_add', record, before: null, after: { match, startsUs, endsUs } }], by)
  })
  if (options.json) process.stdout.write(`${JSON.stringify({ ...wanted, ...by })}\n`)
  else process.stdout.write(`silence ${id} until ${timeText(endsUs)}\n`)
}

function endOf({ for: spanMs, until }: AddOptions, nowMs: number): number {
  if ((spanMs === undefined) === (until === undefined)) throw new UsageError('a silence needs an end: either --for or --until')
  const endsMs = until ?? nowMs + (spanMs ?? 0)
  if (endsMs <= nowMs) throw new UsageError('the silence would end before it starts')
  if (endsMs - nowMs > LONGEST_SILENCE_MS)
    throw new UsageError('a silence lasts a year at most; what is never wanted belongs into the rules or routes')
  return endsMs
}

function matchOf({ priority, rule, tag, technique, label, namespace, image, host, container }: AddOptions): AlertMatch {
  const labels = label?.map((text) => {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError(`--label ${text}: expected NAME=VALUE`)
    return [text.slice(0, at), text.slice(at + 1)] as const
  })
  const given = { priority, rule, tag, technique, namespace, image, host, container }
  const match = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as AlertMatch
  return labels === undefined ? match : { ...match, label: Object.fromEntries(labels) }
}

async function endSilences(ids: readonly string[], options: EndOptions, command: Command): Promise<void> {
  const { withPeople } = await import('../../assembly/people.js')
  await withPeople(commandContext(command), async ({ silences }, apply) => {
    const endsUs = Date.now() * 1000
    const found = ids.map((id) => {
      const silence = silences.get(id)
      if (silence === undefined) throw new UsageError(`there is no silence ${id}: see \`eunomia deliver silences list --all\``)
      return silence
    })
    const changes = found
      .filter((silence) => silence.endsUs > endsUs)
      .map((before) => {
        const after = { startsUs: before.startsUs, endsUs: Math.max(before.startsUs, endsUs), match: JSON.stringify(before.match) }
        return {
          action: 'silence_end',
          record: { kind: 'silence', id: before.id, silence: after, alertState: null },
          before,
          after,
        } as const
      })
    await apply(changes, { author: options.author ?? defaultAuthor(), reason: options.reason })
    process.stdout.write(changes.length === 0 ? 'they had ended before\n' : changes.map(({ record }) => `ended ${record.id}\n`).join(''))
  })
}

/** A repeat of an alert counts once. */
async function showSilence(id: string, options: { json: boolean }, command: Command): Promise<void> {
  const { readAlerts, withPeople } = await import('../../assembly/people.js')
  const context = commandContext(command)
  const silence = await withPeople(context, ({ silences }) => Promise.resolve(silences.get(id)))
  if (silence === undefined) throw new UsageError(`there is no silence ${id}: see \`eunomia deliver silences list --all\``)
  const only = new Silences()
  only.set(silence, silence.startsUs)
  const seen = new Set<string>()
  const counts = new Map<string, { rule: string; host: string; alerts: number }>()
  await readAlerts(
    context,
    (alert) => only.of(alert) !== null && !seen.has(alert.alertId),
    (alert) => {
      seen.add(alert.alertId)
      if (options.json) return void process.stdout.write(`${JSON.stringify(alert)}\n`)
      const { rule, origin } = alert
      const key = JSON.stringify([rule, origin.hostName])
      const count = counts.get(key) ?? { rule, host: origin.hostName, alerts: 0 }
      count.alerts++
      counts.set(key, count)
    },
  )
  if (options.json) return
  const rows = [...counts.values()].sort((a, b) => b.alerts - a.alerts)
  process.stdout.write(silenceTable([silence], Date.now() * 1000))
  process.stdout.write(`\n${String(seen.size)} alerts silenced\n`)
  if (rows.length > 0) process.stdout.write(`\n${countTable(rows)}`)
}

function countTable(rows: readonly { readonly rule: string; readonly host: string; readonly alerts: number }[]): string {
  type Row = (typeof rows)[number]
  return columnTable(
    [
      { title: 'ALERTS', value: ({ alerts }: Row) => String(alerts) },
      { title: 'RULE', value: ({ rule }: Row) => rule },
      { title: 'HOST', value: ({ host }: Row) => host },
    ],
    rows,
  )
}

async function listSilences(options: { all: boolean; json: boolean }, command: Command): Promise<void> {
  const { withPeople } = await import('../../assembly/people.js')
  await withPeople(commandContext(command), async ({ silences }) => {
    const nowUs = Date.now() * 1000
    const shown = silences.list().filter(({ endsUs }) => options.all || endsUs > nowUs)
    if (options.json) for (const silence of shown) process.stdout.write(`${JSON.stringify(silence)}\n`)
    else process.stdout.write(shown.length === 0 ? 'no silences\n' : silenceTable(shown, nowUs))
    await Promise.resolve()
  })
}

function silenceTable(silences: readonly Silence[], nowUs: number): string {
  const sorted = [...silences].sort((a, b) => a.endsUs - b.endsUs)
  return columnTable(
    [
      { title: 'ID', value: ({ id }: Silence) => id },
      { title: 'STATE', value: ({ startsUs, endsUs }) => (endsUs <= nowUs ? 'ended' : startsUs > nowUs ? 'later' : 'holds') },
      { title: 'UNTIL', value: ({ endsUs }) => timeText(endsUs) },
      { title: 'AUTHOR', value: ({ author }) => author },
      { title: 'ALERTS', value: ({ match }) => matchText(match) },
      { title: 'REASON', value: ({ reason }) => reason },
    ],
    sorted,
  )
}

function matchText({ label = {}, ...fields }: AlertMatch): string {
  const labels = Object.entries(label).map(([name, value]) => `label ${name}=${value}`)
  return [...Object.entries(fields).map(([name, value]) => `${name}=${[value].flat().join('|')}`), ...labels].join(' ')
}

function timeText(us: number): string {
  return new Date(us / 1000).toISOString().replace('.000Z', 'Z')
}
