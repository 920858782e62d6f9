// A view as text: a line about the host, what is unknown and why, a row per process, and the sum of the others; and as JSON. Names and arguments are
// untrusted and are escaped here.
import { COUNTED_TOPICS, type EventCounts } from '../../collector/processes/event-counts.js'
import { counted, printable } from '../../infra/text/printable.js'
import { cut, wrap } from '../terminal/terminal-text.js'
import { type Look, type TopRow, type TopView, eventsOf } from './top-rows.js'

/** Facts around the rows. */
export interface TopSurroundings {
  readonly time: Date
  readonly processes: number
  readonly containers: number
  readonly cpus: number
  /** Processes beyond the bound of a sample. */
  readonly leftOut: number
  /** Why event rates or container names are missing. */
  readonly problems: readonly string[]
  /** Command line of a process; null for none. */
  readonly commandLineOf: (pid: number) => string | null
}

interface Column {
  readonly title: string
  readonly width: number
  readonly isNumber: boolean
  readonly value: (row: TopRow) => string
}

/** Characters of an id that distinguish containers for people. */
const SHORT_ID = 12

/** Narrower lines have no columns by topic, to leave room for the command. */
const WIDE = 110

const HEAD: readonly Column[] = [
  { title: 'PID', width: 7, isNumber: true, value: ({ pid }) => String(pid) },
  { title: 'CPU%', width: 6, isNumber: true, value: ({ cpuPercent }) => rate(cpuPercent) },
  { title: 'RSS', width: 7, isNumber: true, value: ({ rssBytes }) => sizeText(rssBytes) },
  { title: 'EVENTS/S', width: 8, isNumber: true, value: ({ events }) => rate(events === null ? null : eventsOf(events)) },
]
const TOPICS: readonly Column[] = COUNTED_TOPICS.map((topic) => ({
  title: topic.toUpperCase(),
  width: 7,
  isNumber: true,
  value: ({ events }: TopRow) => rate(events?.[topic] ?? null),
}))
const TAIL: readonly Column[] = [{ title: 'CONTAINER', width: 20, isNumber: false, value: containerText }]

/** Lines besides the rows: host, an empty line, header, the sum of the others, and the cursor's line. */
const OTHER_LINES = 5

/** Rows that fit the screen, at least one; lines beyond it could not be redrawn. */
export function roomForRows({ problems }: TopSurroundings, width: number, height: number): number {
  return Math.max(1, height - OTHER_LINES - problemLines(problems, width).length)
}

/** Lines of at most `width` characters. */
export function topLines(view: TopView, around: TopSurroundings, width: number): string[] {
  const columns = [...HEAD, ...(width < WIDE ? [] : TOPICS), ...TAIL]
  const lines = [
    hostLine(view, around),
    ...problemLines(around.problems, width),
    '',
    line(
      columns,
      columns.map(({ title }) => title),
      'COMMAND',
    ),
  ]
  for (const row of view.rows) {
    const command = around.commandLineOf(row.pid) ?? `[${row.process}]`
    lines.push(
      line(
        columns,
        columns.map(({ value }) => printable(value(row))),
        printable(command.slice(0, 4096)),
      ),
    )
  }
  const { rest } = view
  if (view.rows.length === 0) lines.push('no process fits')
  if (rest.processes > 0) {
    const events = rest.events === null ? '' : `, ${rate(eventsOf(rest.events))} events/s`
    lines.push(
      `and ${counted(rest.processes, 'more process', 'more processes')}: CPU ${rate(rest.cpuPercent)} %, RSS ${sizeText(rest.rssBytes)}${events}`,
    )
  }
  return lines.map((text) => cut(text, width))
}

function problemLines(problems: readonly string[], width: number): string[] {
  return problems.flatMap((problem) => wrap(printable(problem), width))
}

function hostLine({ total }: TopView, { time, processes, containers, cpus, leftOut }: TopSurroundings): string {
  const parts = [
    time.toTimeString().slice(0, 8),
    counted(processes, 'process', 'processes'),
    counted(containers, 'container'),
    counted(cpus, 'CPU'),
    ...(total === null ? [] : [`${rate(eventsOf(total))} events/s (${byTopic(total)})`]),
    ...(leftOut === 0 ? [] : [`${counted(leftOut, 'process', 'processes')} not sampled`]),
  ]
  return parts.join(', ')
}

function byTopic(events: EventCounts): string {
  return COUNTED_TOPICS.map((topic) => `${topic} ${rate(events[topic])}`).join(', ')
}

function line(columns: readonly Column[], cells: readonly string[], command: string): string {
  const padded = cells.map((cell, index) => {
    const { width, isNumber } = columns[index] ?? { width: 0, isNumber: false }
    const text = cut(cell, width)
    return isNumber ? text.padStart(width) : text.padEnd(width)
  })
  return [...padded, command].join(' ')
}

/** A question mark marks a mere claim. */
function containerText({ containerId, name, claim }: TopRow): string {
  if (containerId !== null) return name ?? containerId.slice(0, SHORT_ID)
  return claim === null ? '' : `${claim.slice(0, SHORT_ID)}?`
}

function rate(value: number | null): string {
  if (value === null) return '-'
  return value >= 100 || value === 0 ? String(Math.round(value)) : value.toFixed(1)
}

function sizeText(bytes: number): string {
  const mib = bytes / 2 ** 20
  if (mib >= 1024) return `${(mib / 1024).toFixed(1)}G`
  return mib >= 1 ? `${mib.toFixed(0)}M` : `${(bytes / 1024).toFixed(0)}K`
}

/** Reasons for unknown values; null for known ones. */
export interface UnknownBecause {
  /** Event rates. */
  readonly events: string | null
  /** Container names. */
  readonly names: string | null
}

/** The view for `--json`. @param commandLineOf command line of a process, null if it is gone */
export function topObject(
  { rows, rest, total }: TopView,
  { sample }: Look,
  refused: Readonly<Record<string, number>> | null,
  because: UnknownBecause,
  commandLineOf: (pid: number) => string | null,
): Readonly<Record<string, unknown>> {
  return {
    time: new Date().toISOString(),
    processes: rows.map((row) => ({ ...row, commandLine: commandLineOf(row.pid) })),
    rest,
    total,
    leftOut: sample.leftOut,
    refused,
    noEventsBecause: because.events,
    noNamesBecause: because.names,
  }
}
