// An alert for people in four short lines. All texts of the event are untrusted and are escaped.
import { printable } from '../../infra/text/printable.js'
import { connectionText } from '../../schemas/alert-parts.js'
import type { Alert, Ancestor, Priority, Process } from '../../schemas/generated/types.js'
import { kernelObjectText } from '../../schemas/object-text.js'
import { type Colors, cut, wrap } from './terminal-text.js'

/** Characters of a container id that people compare; the JSON has the whole id. */
const SHORT_ID = 12
/** Characters of a command line that are shown before an ellipsis. */
const MAX_COMMAND = 400
const TIME_WIDTH = 12
const PRIORITY_WIDTH = 13
const INDENT = TIME_WIDTH + 2

const COLOR_OF: Readonly<Record<Priority, (colors: Colors, text: string) => string>> = {
  UNKNOWN: (colors, text) => colors.dim(text),
  emergency: (colors, text) => colors.red(text),
  alert: (colors, text) => colors.red(text),
  critical: (colors, text) => colors.red(text),
  error: (colors, text) => colors.red(text),
  warning: (colors, text) => colors.yellow(text),
  notice: (colors, text) => colors.cyan(text),
  informational: (colors, text) => colors.cyan(text),
  debug: (colors, text) => colors.dim(text),
}

/** Context of a shown alert. */
export interface AlertAround {
  /** No container runtime answers, so the container has no name. */
  readonly isRuntimeAway?: boolean
  /** Current time, Unix milliseconds. An alert of another day shows its date; without this value none does. */
  readonly nowMs?: number
}

/**
 * The alert as lines of at most `width` columns: time and rule; for a correlation what was counted; container; process with its ancestors;
 * what the process did.
 */
export function alertLines(alert: Alert, width: number, colors: Colors, around: AlertAround = {}): string[] {
  const priority = COLOR_OF[alert.priority](colors, alert.priority.toUpperCase().padEnd(PRIORITY_WIDTH))
  const title = `${dateText(alert.origin.wallTimeUs, around.nowMs)}${clockTime(alert.origin.wallTimeUs)}  ${priority} ${colors.bold(printable(alert.rule))}`
  const body = [...countedText(alert), containerText(alert, around.isRuntimeAway === true), processText(alert.process), actionText(alert)]
  const indent = ' '.repeat(INDENT)
  return [title, ...body.flatMap((text) => wrap(text, Math.max(20, width - INDENT)).map((line) => indent + line))]
}

/** Local time of day with milliseconds. */
export function clockTime(wallTimeUs: number): string {
  const date = new Date(wallTimeUs / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** `2026-01-31 `, or empty for a time on the same day as `nowMs`. */
function dateText(wallTimeUs: number, nowMs: number | undefined): string {
  if (nowMs === undefined) return ''
  const date = new Date(wallTimeUs / 1000)
  if (date.toDateString() === new Date(nowMs).toDateString()) return ''
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())} `
}

/** `5 events in 1m (User=root)`: the message of a correlation without its name, which is in the title. */
function countedText({ correlation, output, rule }: Alert): string[] {
  if (correlation === null) return []
  const message = output.startsWith(`${rule}: `) ? output.slice(rule.length + 2) : output
  return [printable(cut(message, MAX_COMMAND))]
}

function containerText(alert: Alert, isRuntimeAway: boolean): string {
  if (alert.containerId === null) return `on the host ${printable(alert.origin.hostName)}`
  const id = printable(alert.containerId.slice(0, SHORT_ID))
  const why = isRuntimeAway ? 'no runtime answers: name unknown' : 'its name and image did not arrive in time'
  if (alert.container === null) return `container ${id} (${why}), host ${printable(alert.origin.hostName)}`
  const pod = alert.container.pod === null ? '' : `, pod ${printable(alert.container.pod.namespace)}/${printable(alert.container.pod.name)}`
  const privileged = alert.container.isPrivileged ? ', privileged' : ''
  return `container ${printable(alert.container.name)} (${printable(alert.container.image)}) ${id}${pod}${privileged}, host ${printable(alert.origin.hostName)}`
}

function processText(process: Process): string {
  const user = printable(process.user ?? String(process.uid))
  const ancestors = process.ancestors.map((ancestor) => ` < ${ancestorText(ancestor)}`).join('')
  return `${printable(commandOf(process))} (pid ${String(process.pid)}, ${user})${ancestors}`
}

function ancestorText(ancestor: Ancestor): string {
  return printable(ancestor.name === '' ? `pid ${String(ancestor.pid)}` : ancestor.name)
}

function commandOf(process: Process): string {
  const command = process.args.length === 0 ? process.name : process.args.join(' ')
  return cut(command, MAX_COMMAND)
}

function actionText(alert: Alert): string {
  const what = objectOf(alert)
  return what === '' ? alert.eventType : `${alert.eventType} ${printable(what)}`
}

function objectOf({ network, kernel, path, process, eventTopic }: Alert): string {
  if (network !== null) return [path ?? '', connectionText(network)].filter((part) => part !== '').join(' ')
  if (kernel !== null) return kernelObjectText(kernel, path)
  return path ?? (eventTopic.includes('process') ? (process.exePath ?? '') : '')
}
