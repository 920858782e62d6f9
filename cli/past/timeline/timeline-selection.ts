// Which events a timeline has: names of hosts and containers are looked up in the past itself.
import { UsageError } from '../../../infra/process/errors.js'
import { printable } from '../../../infra/text/printable.js'
import { FACTS_MS, HEARTBEAT_MS, type PastReader } from '../../../processors/forensics/history/past-reader.js'
import { containerOfEvent, flatFields, isOfKinds, messageOfEvent, processOfEvent, type TimelineEvent } from './timeline-event.js'

/** As flags give it. */
export interface Selection {
  readonly host?: string
  readonly container?: string
  /** A pid, or pid@host. */
  readonly process?: string
  readonly fromMs: number
  readonly toMs: number
  readonly kinds: ReadonlySet<string> | null
  readonly grep?: string
}

/** Resolved: ids of hosts, and a test of events. */
export interface Selected {
  /** null for all hosts. */
  readonly hostIds: readonly string[] | null
  isWanted(event: TimelineEvent): boolean
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const ID_PREFIX = /^[0-9a-f]{6,64}$/
const MAX_NAMED = 10

/** @throws UsageError for a host or container that the time does not have */
export async function select(selection: Selection, reader: PastReader): Promise<Selected> {
  const { fromMs, toMs, kinds, container } = selection
  const [pidText, ofHost] = selection.process?.split('@') ?? []
  const pid = pidText === undefined ? null : Number(pidText)
  if (pid !== null && (!Number.isInteger(pid) || pid < 1))
    throw new UsageError(`--process ${printable(selection.process ?? '')}: give a pid, or pid@host`)
  const host = selection.host ?? ofHost
  const hostIds = host === undefined ? null : await hostIdsOf(host, fromMs, toMs, reader)
  const names = container === undefined ? null : await containersNamed(container, hostIds, fromMs, toMs, reader)
  const text = selection.grep?.toLowerCase()
  const isWanted = (event: TimelineEvent): boolean => {
    const { origin } = event.record
    if (origin.wallTimeUs < fromMs * 1000 || origin.wallTimeUs >= toMs * 1000) return false
    if (kinds === null ? event.topic === 'host' : !isOfKinds(event, kinds)) return false
    if (pid !== null && processOfEvent(event)?.pid !== pid && !(event.topic === 'kernel' && event.record.targetPid === pid)) return false
    if (container !== undefined && !isContainer(containerOfEvent(event), container, names)) return false
    return text === undefined || hasText(event, text)
  }
  return { hostIds, isWanted }
}

function isContainer(containerId: string | null, wanted: string, named: ReadonlySet<string> | null): boolean {
  if (containerId === null) return false
  return (ID_PREFIX.test(wanted) && containerId.startsWith(wanted)) || named?.has(containerId) === true
}

function hasText(event: TimelineEvent, text: string): boolean {
  if (messageOfEvent(event).toLowerCase().includes(text)) return true
  return Object.values(flatFields(event)).some((value) => typeof value === 'string' && value.toLowerCase().includes(text))
}

async function hostIdsOf(host: string, fromMs: number, toMs: number, reader: PastReader): Promise<readonly string[]> {
  if (UUID.test(host)) return [host]
  const names = new Map<string, string>()
  const query = { topics: ['host'], fromMs: fromMs - HEARTBEAT_MS, toMs: toMs + HEARTBEAT_MS, isTransient: true } as const
  await reader.read(query, ({ record: { origin } }) => void names.set(origin.hostId, origin.hostName))
  const ids = [...names].filter(([, name]) => name === host).map(([id]) => id)
  if (ids.length > 0) return ids
  const known = [...new Set(names.values())].slice(0, MAX_NAMED).map(printable)
  throw new UsageError(
    `no host ${printable(host)} sent a heartbeat in that time${known.length === 0 ? '' : `; there were: ${known.join(', ')}`}. An id of a host is looked for without one`,
  )
}

async function containersNamed(
  name: string,
  hostIds: readonly string[] | null,
  fromMs: number,
  toMs: number,
  reader: PastReader,
): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  const query = {
    topics: ['container'],
    fromMs: Math.max(0, fromMs - FACTS_MS),
    toMs,
    ...(hostIds === null ? {} : { keys: hostIds }),
  } as const
  await reader.read(query, ({ record }) => {
    if (record.facts?.name === name) ids.add(record.containerId)
  })
  if (ids.size === 0 && !ID_PREFIX.test(name)) throw new UsageError(`no container ${printable(name)} in that time`)
  return ids
}
