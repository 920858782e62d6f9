// Finds an alert, and reads its story from the past: only the partition of its host, and only the window.
import { UsageError } from '../../../infra/process/errors.js'
import { printable } from '../../../infra/text/printable.js'
import { MAX_AHEAD_MS } from '../../../infra/topic-log/topics.js'
import type { Codec } from '../../../schemas/codec.js'
import type { Alert } from '../../../schemas/generated/types.js'
import type { RuleTopic } from '../../rule-engine/fields/rule-event.js'
import { FACTS_MS, HEARTBEAT_MS, type PastPlace, type PastReader } from '../history/past-reader.js'
import { type Story, StoryBuilder, type StoryEvent, type Window } from './story.js'

/** Events around the window show what is only in another order. */
const MARGIN_MS = 2_000
const DAY_MS = 86_400_000
/** A heartbeat may come late: what a collector held back while Kafka was away. */
const LATE_MS = 3_600_000
const WHOLE_ID = 32
const SHORTEST_ID = 4
/** How far back an alert is looked for: the last hour first. */
const SEARCH_MS = [3_600_000, DAY_MS, 7 * DAY_MS, 90 * DAY_MS, 3650 * DAY_MS]
const MAX_NAMED = 5

/** An alert, and by how much the clock of its host was ahead of what Kafka takes, milliseconds; 0 for most. */
export interface FoundAlert {
  readonly alert: Alert
  readonly aheadMs: number
}

/**
 * Finds the alert whose id is, or begins with, `id`. A whole id is looked for in the newest part of the past first; the beginning of one in all of it.
 * @throws UsageError if there is none, or several
 */
export async function findAlert(id: string, reader: PastReader, codec: Codec, nowMs: number): Promise<FoundAlert> {
  if (/^[0-9a-f]*$/.test(id) && id.length < SHORTEST_ID) throw new UsageError(`give at least ${String(SHORTEST_ID)} digits of the id`)
  const isPrefix = /^[0-9a-f]{4,32}$/.test(id)
  const alertIdOf = codec.projection('alerts', ['alertId'])
  const found = new Map<string, FoundAlert>()
  let untilMs = nowMs + MAX_AHEAD_MS
  for (const back of SEARCH_MS) {
    const fromMs = Math.max(0, nowMs - back)
    const query = { topics: ['alerts'], fromMs, toMs: untilMs, ...(isPrefix ? { where: `alert_id LIKE '${id}%'` } : {}) } as const
    await reader.read(
      query,
      ({ record }, { timestampMs }) => {
        const aheadMs = Math.max(0, Math.floor(record.origin.wallTimeUs / 1000) - timestampMs)
        if (isPrefix ? record.alertId.startsWith(id) : record.alertId === id) found.set(record.alertId, { alert: record, aheadMs })
      },
      ({ valueBytes, valueStart, valueEnd }) => {
        try {
          const { alertId } = alertIdOf(valueBytes, valueStart, valueEnd)
          return isPrefix ? alertId.startsWith(id) : alertId === id
        } catch {
          return true
        }
      },
    )
    if (found.size > 1) {
      const ids = [...found.keys()].slice(0, MAX_NAMED)
      throw new UsageError(`several alerts begin with ${printable(id)}: ${ids.join(', ')}${found.size > MAX_NAMED ? ' ...' : ''}`)
    }
    untilMs = fromMs
    if (found.size > 0 && id.length >= WHOLE_ID) break
  }
  for (const alert of found.values()) return alert
  throw new UsageError(
    `no alert ${printable(id.slice(0, 100))} in the topic and the archive: eunomia alerts --since 1d --json shows their ids`,
  )
}

/** The window around an alert; of a correlation, around all its events. */
export function windowAround({ origin, correlation }: Alert, beforeMs: number, afterMs: number): Window {
  const fromUs = Math.min(origin.wallTimeUs, correlation?.windowStartUs ?? Infinity)
  const toUs = Math.max(origin.wallTimeUs, correlation?.windowEndUs ?? 0)
  return { fromUs: Math.max(0, fromUs - beforeMs * 1000), toUs: toUs + afterMs * 1000 }
}

/** Reads the story. @throws EunomiaError when neither a broker nor the archive answers */
export async function readStory({ alert, aheadMs }: FoundAlert, window: Window, reader: PastReader): Promise<Story> {
  const builder = new StoryBuilder(alert, window)
  await feedStory({ alert, aheadMs }, window, reader, (event) => void builder.add(event), true)
  return builder.story(reader.unread, isOver(window))
}

/** Whether all of the window has happened. */
export function isOver({ toUs }: Window): boolean {
  return toUs <= Date.now() * 1000
}

/** Passes on what a story needs, in the order in which it needs it. @param isTransient events are not kept */
export async function feedStory(
  { alert, aheadMs }: FoundAlert,
  window: Window,
  reader: PastReader,
  take: (event: StoryEvent, place: PastPlace) => void,
  isTransient = false,
): Promise<void> {
  const [fromMs, toMs] = [Math.floor(window.fromUs / 1000), Math.floor(window.toUs / 1000) + 1]
  const host = { keys: [alert.origin.hostId] }
  // Times of records are at most a little ahead of the broker, whatever the clock of the host says.
  const events = { ...host, fromMs: Math.max(0, fromMs - MARGIN_MS - aheadMs), toMs: toMs + MARGIN_MS }
  // Processes first: what the others did belongs to the story if their processes do. Then names of addresses.
  await reader.read<RuleTopic>({ ...events, topics: ['process', 'network', 'file', 'kernel'], isTransient }, take)
  await reader.read({ ...events, topics: ['alerts'] }, take)
  await reader.read({ ...host, topics: ['container'], fromMs: Math.max(0, fromMs - FACTS_MS - aheadMs), toMs }, take)
  await reader.read(
    { ...host, topics: ['host'], fromMs: Math.max(0, fromMs - HEARTBEAT_MS - aheadMs - MAX_AHEAD_MS), toMs: toMs + LATE_MS },
    take,
  )
}
