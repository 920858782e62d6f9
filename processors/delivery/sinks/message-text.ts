// What a message about a group of alerts says, for people: the same facts in chat, pager and mail. Texts of alerts are escaped for a reader's eyes
// here, and by each sink for its own markup.
import { connectionText } from '../../../schemas/alert-parts.js'
import { printable } from '../../../infra/text/printable.js'
import type { GroupMessage, Names } from '../sink.js'

const MAX_TITLE_CHARS = 200
const MAX_FACT_CHARS = 500
const SHOWN_NAMES = 10
const SHOWN_RANGES = 5

/** One line: what happened, how urgent, where. */
export function messageTitle({ kind, alert, count, hosts, rules }: GroupMessage): string {
  const rule = rules.count > 1 ? `${alert.rule} and ${String(rules.count - 1)} more rules` : alert.rule
  const host = hosts.count > 1 ? `${String(hosts.count)}${hosts.hasMore ? ' or more' : ''} hosts` : alert.origin.hostName
  const what = kind === 'resolved' ? 'Quiet again: ' : kind === 'summary' ? `${String(count)} more: ` : ''
  return cut(`${what}${rule} (${alert.priority}) on ${host}`, MAX_TITLE_CHARS)
}

/** Names and texts, in order; each text is one line. */
export function messageFacts(message: GroupMessage): readonly (readonly [name: string, text: string])[] {
  const { alert, count, total, firstUs, lastUs, mayRepeat } = message
  const { process, network, container } = alert
  const facts: (readonly [string, string | null])[] = [
    ['Message', alert.output],
    ['Container', containerText(alert.containerId, container?.name, container?.image)],
    ['Pod', container?.pod === null || container?.pod === undefined ? null : `${container.pod.namespace}/${container.pod.name}`],
    ['Command', process.args.join(' ') || process.name],
    ['Ancestors', process.ancestors.map(({ name }) => name).join(' < ') || null],
    ['User', process.user ?? String(process.uid)],
    ['File', alert.path],
    ['Connection', network === null ? null : connectionText(network) || null],
    ['Tags', alert.tags.join(' ') || null],
    ['Alerts', `${String(count)} in this message, ${String(total)} in all`],
    ['Time', timeText(firstUs, lastUs)],
    ['Hosts', namesText(message.hosts)],
    ['Containers', namesText(message.containers)],
    ['Rules', message.rules.count > 1 ? namesText(message.rules) : null],
    ['In the topic', rangesText(message)],
    ['Alert id', alert.alertId],
    ['Note', mayRepeat ? 'this may have been sent before' : null],
  ]
  return facts.flatMap(([name, text]) => (text === null ? [] : [[name, cut(text, MAX_FACT_CHARS)] as const]))
}

function containerText(id: string | null, name: string | undefined, image: string | undefined): string | null {
  if (id === null) return null
  return name === undefined ? id.slice(0, 12) : `${name} (${image ?? ''}) ${id.slice(0, 12)}`
}

function timeText(firstUs: number, lastUs: number): string {
  const [first, last] = [firstUs, lastUs].map((us) => new Date(Math.floor(us / 1000)).toISOString())
  return first === last ? String(first) : `${String(first)} to ${String(last)}`
}

function namesText({ count, names, hasMore }: Names): string | null {
  if (count < 2 && !hasMore) return null
  const shown = names.slice(0, SHOWN_NAMES)
  const rest = count > shown.length || hasMore ? ', ...' : ''
  return `${String(count)}${hasMore ? ' or more' : ''}: ${shown.join(', ')}${rest}`
}

/** `0: 17-412, 1: 8`, to find its alerts in the topic by partition and offsets. */
function rangesText({ ranges }: GroupMessage): string | null {
  const all = ranges.flatMap(({ partition, ranges: own }) =>
    own.map(([first, last]) => `${String(partition)}: ${first === last ? String(first) : `${String(first)}-${String(last)}`}`),
  )
  if (all.length === 0) return null
  return `partition and offsets ${all.slice(0, SHOWN_RANGES).join(', ')}${all.length > SHOWN_RANGES ? ', ...' : ''}`
}

function cut(text: string, chars: number): string {
  const safe = printable(text.length > chars ? text.slice(0, chars) : text)
  return safe.length > chars || text.length > chars ? `${safe.slice(0, chars - 3)}...` : safe
}
