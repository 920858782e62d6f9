// The story of an alert for a terminal: a tree of processes with what each did. All texts are untrusted and escaped; times are UTC.
import { counted, printable } from '../../infra/text/printable.js'
import { isOrdinary, type Sort, SORTS, type Touched } from '../../processors/forensics/story/process-activity.js'
import type { Story } from '../../processors/forensics/story/story.js'
import type { Cut, StoryEntry } from '../../processors/forensics/story/story-tree.js'
import {
  actionsWords,
  containerWords,
  endWords,
  entryName,
  limitsOf,
  moment,
  timeOfDay,
} from '../../processors/forensics/story/story-words.js'
import { type Colors, cut, wrap } from './terminal-text.js'

/** Characters of a command line or path, and things of a sort, that a tree shows; JSON and HTML have more. */
const MAX_COMMAND = 240
const MAX_PATH = 160
const MAX_SHOWN = 6
const MAX_OF_ANCESTOR = 2
/** Steps to the right, at most: deeper entries are as far right. */
const MAX_INDENT = 12
const STEP = 3

/** The story in lines of at most `width` columns. */
export function storyLines(story: Story, width: number, colors: Colors): string[] {
  const limits = limitsOf(story).flatMap((limit) => wrap(printable(limit), width).map((line) => colors.yellow(line)))
  return [
    ...headLines(story, width, colors),
    '',
    ...entryLines(story.tree.root, story, width, colors, '', ''),
    ...(limits.length === 0 ? [] : ['', ...limits]),
  ]
}

function headLines(story: Story, width: number, colors: Colors): string[] {
  const { alert, tree, window, atUs } = story
  const lines = [
    `${moment(atUs)} on ${story.hostName}`,
    alert.output,
    ...(story.container === null ? [] : [`container ${containerWords(story.container)}`]),
    ...(story.container?.life.map(({ type, atUs: lifeUs }) => `  ${type} ${timeOfDay(lifeUs)}`) ?? []),
    `alert ${alert.alertId}, rule set ${alert.ruleSetHash}, host ${story.hostId}, boot ${story.bootId}`,
    `${counted(story.eventsOfTree, 'event')} of ${counted(tree.processes, 'process', 'processes')} here, of ${counted(story.events, 'event')} ` +
      `of the host between ${timeOfDay(window.fromUs)} and ${timeOfDay(window.toUs)}`,
  ]
  const title = wrap(printable(`${alert.priority.toUpperCase()} ${cut(alert.rule, MAX_PATH)}`), width).map((line) => colors.bold(line))
  return [...title, ...lines.flatMap((line) => wrap(printable(cut(line, MAX_COMMAND * 2)), width))]
}

/** @param first what the first line begins with, `rest` the others */
function entryLines(entry: StoryEntry, story: Story, width: number, colors: Colors, first: string, rest: string): string[] {
  const childCount = entry.children.length + (entry.cutProcesses > 0 ? 1 : 0)
  const below = childCount > 0 ? '│ ' : '  '
  const body = bodyOf(entry, story).flatMap(({ text, color }) =>
    wrap(printable(text), Math.max(20, width - rest.length - 4)).map((line) => `${rest}${below}  ${color(colors, line)}`),
  )
  const isDeep = rest.length >= MAX_INDENT * STEP
  const inner = (isLastOne: boolean): string => (isDeep ? rest : `${rest}${isLastOne ? '   ' : '│  '}`)
  const children = entry.children.flatMap((child, index) => {
    const isLastOne = index === childCount - 1
    return entryLines(child, story, width, colors, `${rest}${isLastOne ? '└─ ' : '├─ '}`, inner(isLastOne))
  })
  const alerted = entry.cutAlerts > 0 ? `, with ${counted(entry.cutAlerts, 'alert')}` : ''
  const cutText = `${counted(entry.cutProcesses, 'process', 'processes')} more${alerted}`
  const missing = entry.cutProcesses > 0 ? [`${rest}└─ ${colors.dim(cutText)}`] : []
  return [...titleLines(entry, width, colors, first, `${rest}${below}`), ...body, ...children, ...missing]
}

function titleLines(entry: StoryEntry, width: number, colors: Colors, first: string, rest: string): string[] {
  const mark = entry.relation === 'alert' ? ' ◀ the alert' : ''
  const at = entry.startUs === null ? '' : `${timeOfDay(entry.startUs).slice(0, 12)} `
  const user = entry.user === null ? '' : ` ${entry.user}`
  const [line = '', ...more] = wrap(printable(`${at}${entryName(entry)}${user}${mark}`), Math.max(20, width - rest.length))
  const paint = entry.relation === 'alert' ? colors.red : entry.relation === 'ancestor' ? colors.dim : colors.cyan
  return [`${first}${paint(line)}`, ...more.map((text) => `${rest}${paint(text)}`)]
}

interface BodyLine {
  readonly text: string
  readonly color: (colors: Colors, text: string) => string
}

const PLAIN = (_colors: Colors, text: string): string => text
const DIM = (colors: Colors, text: string): string => colors.dim(text)
const RED = (colors: Colors, text: string): string => colors.red(text)
const SIGN_OF: Readonly<Record<Sort, string>> = { changed: '*', read: '-', connections: '>', calls: '!' }
const PLURAL_OF: Readonly<Record<Sort, string>> = {
  changed: 'changed files',
  read: 'files read',
  connections: 'connections',
  calls: 'calls',
}
const WORD_OF: Readonly<Record<Sort, string>> = { changed: 'changed file', read: 'file read', connections: 'connection', calls: 'call' }

function bodyOf(entry: StoryEntry, story: Story): BodyLine[] {
  const { args, name, programs, alerts, containerId } = entry
  const inContainer =
    containerId !== null && containerId !== story.container?.containerId
      ? story.containers.find((one) => one.containerId === containerId)
      : undefined
  const ran = programs.items.map(({ atUs, args: command }) => ({
    text: `ran ${cut(command, MAX_COMMAND)} from ${timeOfDay(atUs)}`,
    color: DIM,
  }))
  const end = endWords(entry)
  return [
    ...(programs.more > 0 ? [{ text: `ran ${counted(programs.more, 'program')} more before`, color: DIM }] : []),
    ...ran,
    ...(args === null || args === name ? [] : [{ text: `$ ${cut(args, MAX_COMMAND)}`, color: PLAIN }]),
    ...(inContainer === undefined ? [] : [{ text: `in container ${containerWords(inContainer)}`, color: DIM }]),
    ...alerts.items.map(({ rule, count, firstUs }) => ({
      text: `alert ${cut(rule, MAX_PATH)}${count > 1 ? `, ${String(count)} times` : ''} ${timeOfDay(firstUs)}`,
      color: RED,
    })),
    ...(alerts.more > 0 ? [{ text: `alerts of ${counted(alerts.more, 'rule')} more`, color: RED }] : []),
    ...SORTS.flatMap((sort) => thingLines(sort, entry.touched[sort], entry.relation === 'ancestor' ? MAX_OF_ANCESTOR : MAX_SHOWN)),
    ...(end === '' ? [] : [{ text: end, color: DIM }]),
  ]
}

function thingLines(sort: Sort, { items, more }: Cut<Touched>, most: number): BodyLine[] {
  const shown = items.filter((touched) => !isOrdinary(touched)).slice(0, most)
  const hidden = more + items.length - shown.length
  return [
    ...shown.map((touched) => ({
      text: `${SIGN_OF[sort]} ${actionsWords(touched)} ${cut(touched.what, MAX_PATH)} ${timeOfDay(touched.firstUs).slice(0, 8)}`,
      color: sort === 'read' ? DIM : PLAIN,
    })),
    ...(hidden > 0
      ? [{ text: `${SIGN_OF[sort]} ${shown.length > 0 ? 'and ' : ''}${counted(hidden, WORD_OF[sort], PLURAL_OF[sort])}`, color: DIM }]
      : []),
  ]
}
