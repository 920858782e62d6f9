// The words of a story, for the terminal and the page alike. Texts of events are untrusted: the caller escapes what it gets.
import { counted } from '../../../infra/text/printable.js'
import { isoMicroseconds } from '../../../schemas/alert-parts.js'
import type { Touched } from './process-activity.js'
import type { Story, StoryContainer } from './story.js'
import type { StoryEntry } from './story-tree.js'

/** Characters of a container id that people compare. */
const SHORT_ID = 12

/** `07:00:01.123456` of a day in UTC. */
export function timeOfDay(us: number): string {
  return isoMicroseconds(us).slice(11, -1)
}

/** `2026-11-28 07:00:01.123456 UTC`. */
export function moment(us: number): string {
  return `${isoMicroseconds(us).slice(0, -1).replace('T', ' ')} UTC`
}

/** `sh (4200)`, or `sh (4200, 4201, ... 17 processes)`. */
export function entryName({ name, pids, count }: StoryEntry): string {
  const shown = pids
    .slice(0, count > 3 ? 2 : 3)
    .map(String)
    .join(', ')
  const many = count > pids.slice(0, 3).length ? `${shown} ... ${counted(count, 'process', 'processes')}` : shown
  return `${name === '' ? '?' : name} (${many})`
}

/** `web (nginx:1.25) 0123456789ab, pod shop/web-7d1, privileged`. */
export function containerWords({ containerId, name, image, pod, isPrivileged }: StoryContainer): string {
  const id = containerId.slice(0, SHORT_ID)
  const named = name === null ? `${id} (name and image are not known)` : `${name} (${image ?? '?'}) ${id}`
  return [named, ...(pod === null ? [] : [`pod ${pod.namespace}/${pod.name}`]), ...(isPrivileged === true ? ['privileged'] : [])].join(', ')
}

/** `read 3, write 1, 1 refused`; of a connection, its bytes too. */
export function actionsWords({ actions, refused, bytesSent, bytesReceived }: Touched): string {
  const parts = Object.entries(actions).map(([action, count]) => (count === 1 ? action : `${action} ${String(count)}`))
  if (refused > 0) parts.push(`${String(refused)} refused`)
  if (bytesSent + bytesReceived > 0) parts.push(`${bytesWords(bytesSent)} out, ${bytesWords(bytesReceived)} in`)
  return parts.join(', ')
}

/** `ended 07:00:01.2 with status 1`; empty while it ran on. */
export function endWords({ endUs, exitCode, exitSignal, count }: StoryEntry): string {
  if (endUs === null) return ''
  const how = exitSignal !== null ? `signal ${String(exitSignal)}` : exitCode === null ? '' : `status ${String(exitCode)}`
  return `${count > 1 ? 'the last ended' : 'ended'} ${timeOfDay(endUs)}${how === '' ? '' : `, ${how}`}`
}

function bytesWords(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let [value, unit] = [bytes, 0]
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${units[unit] ?? ''}`
}

/** What the reader of the story must know of its limits: what is missing, joined or cut. One sentence each. */
export function limitsOf(story: Story): string[] {
  const { tree, missing, otherBoots, beyond, unread } = story
  return [
    ...missing.gaps
      .slice(0, 8)
      .map(
        ({ topic, cpu, count, afterUs, beforeUs }) =>
          `GAP: ${counted(count, 'event')} of ${topic} on CPU ${String(cpu)} missing between ${timeOfDay(afterUs)} and ${timeOfDay(beforeUs)}`,
      ),
    ...(missing.gaps.length > 8 ? [`GAP: ${counted(missing.missing, 'event')} missing in all`] : []),
    ...missing.ledger
      .slice(0, 8)
      .map(
        ({ topic, kind, cpu, where, count, fromUs, untilUs }) =>
          `LOST: ${counted(count, 'event')} of ${topic} ${kind} on CPU ${String(cpu)} by the ${where} between ${timeOfDay(fromUs)} and ${timeOfDay(untilUs)}`,
      ),
    ...(missing.ledger.length > 8 ? [`LOST: ${counted(missing.lost, 'event')} in all, as the ledger says`] : []),
    ...(missing.unchecked > 0 ? [`${counted(missing.unchecked, 'sequence')} of events with too many gaps to look at all of them`] : []),
    ...unread.map((reason) => `NOT READ: ${reason}`),
    ...(tree.joined > 0 ? [`${counted(tree.joined, 'process is', 'processes are')} joined with equal siblings`] : []),
    ...(tree.cut > 0 ? [`${counted(tree.cut, 'process has', 'processes have')} no entry: the tree is too large`] : []),
    ...(tree.cutAlerts > 0 ? [`ALERTS: ${counted(tree.cutAlerts, 'alert')} on processes without an entry`] : []),
    ...(tree.brief > 0 ? [`${counted(tree.brief, 'entry is', 'entries are')} shown in short: the others have so much`] : []),
    ...missing.silences.map(
      ({ afterUs, beforeUs }) => `NO HEARTBEAT between ${timeOfDay(afterUs)} and ${timeOfDay(beforeUs)}: what was lost then is not known`,
    ),
    ...(beyond > 0 ? [`${counted(beyond, 'event')} found no room`] : []),
    ...otherBoots.map(
      ({ bootId, events, firstUs, lastUs }) =>
        `another boot of the host (${bootId}) has ${counted(events, 'event')} between ${moment(firstUs)} and ${moment(lastUs)}: other processes, even with equal pids`,
    ),
  ]
}
