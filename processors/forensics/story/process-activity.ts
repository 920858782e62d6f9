// What one process did in the window: files, connections, questions to DNS and calls that change more than a file. Bounded: what finds no room is counted.
import type { FileEvent, KernelEvent, NetworkEvent, ProcessEvent } from '../../../schemas/generated/types.js'
import { dnsText, kernelObjectText } from '../../../schemas/object-text.js'
import { connectionText } from '../../../schemas/alert-parts.js'
import { kernelSummaryOf, networkSummaryOf } from '../../rule-engine/output/alert.js'

/** Things of one sort that a process touched, at most. */
const MAX_OF_SORT = 128
/** A connection that is being made is no failure. */
const EINPROGRESS = -115

/** Longest text of a story, and of a thing that was touched, UTF-16 units: a page of many long paths is still a page. */
const MAX_TEXT = 2_048
const MAX_THING = 512

/** The text, or its beginning and how much is missing. */
export function boundedText(text: string, most = MAX_TEXT): string {
  if (text.length <= most) return text
  // A copy: a slice would keep the whole text in memory.
  const start = Buffer.from(text.slice(0, most).replace(/[\ud800-\udbff]$/, '')).toString()
  return `${start}… (${String(text.length - start.length)} characters more)`
}

/** Something that a process touched, however often. */
export interface Touched {
  /** `/etc/shadow`, `10.0.0.2:40312 -> 203.0.113.7:443 (shop.example) tcp`, `setns: ...`. Untrusted. */
  readonly what: string
  /** How often by which action: read, write, create, rename, connect, setns ... */
  readonly actions: Record<string, number>
  /** Of these, how many the kernel refused. */
  refused: number
  /** Unix time, microseconds. */
  firstUs: number
  lastUs: number
  /** Of connections, what their ends reported when they were closed. */
  bytesSent: number
  bytesReceived: number
}

/** Room that all processes of a story share. */
export interface DetailRoom {
  left: number
}

/** Sorts of things. */
export const SORTS = ['changed', 'read', 'connections', 'calls'] as const
export type Sort = (typeof SORTS)[number]

/** The activity of a process. */
export class ProcessActivity {
  readonly #touched: Readonly<Record<Sort, Map<string, Touched>>> = {
    changed: new Map(),
    read: new Map(),
    connections: new Map(),
    calls: new Map(),
  }
  readonly #room: DetailRoom
  /** Events whose thing found no room, by sort. */
  readonly beyond: Record<Sort, number> = { changed: 0, read: 0, connections: 0, calls: 0 }

  constructor(room: DetailRoom) {
    this.#room = room
  }

  /** Number of things other than reads. */
  get weight(): number {
    return this.#touched.changed.size + this.#touched.connections.size + this.#touched.calls.size
  }

  list(sort: Sort): Iterable<Touched> {
    return this.#touched[sort].values()
  }

  file(event: FileEvent): void {
    const isRead = event.type === 'open' && !event.isWrite && !event.isCreated
    const action = event.type !== 'open' ? event.type : event.isCreated ? 'create' : event.isWrite ? 'write' : 'read'
    const to = event.type === 'symlink' ? event.linkTarget : event.newPath
    const what = `${event.path ?? event.pathArgument ?? '?'}${to === null ? '' : ` -> ${to}`}`
    this.#touch(isRead ? 'read' : 'changed', what, action, event.result < 0, event.origin.wallTimeUs)
  }

  /** A program that it was refused to run. */
  refusedExec({ filename, attemptedArgs, origin }: ProcessEvent): void {
    this.#touch('calls', [filename ?? '?', ...(attemptedArgs ?? [])].join(' '), 'exec', true, origin.wallTimeUs)
  }

  /** @param name of the remote address, as answers of DNS said before */
  network(event: NetworkEvent, name: string | null): void {
    const { type, dns, result, origin } = event
    if (dns !== null) return void this.#touch('connections', dnsText(dns), 'dns', false, origin.wallTimeUs)
    const summary = networkSummaryOf({ topic: 'network', record: event })
    if (summary === null) return
    // Ports that the kernel chose differ for each connection to the same place.
    const ends =
      summary.isServer === true ? { remotePort: null } : summary.remoteAddress === null ? {} : { localAddress: null, localPort: null }
    const what = connectionText({ ...summary, ...ends, domain: summary.domain ?? name })
    if (what === '') return
    const touched = this.#touch('connections', what, type, result < 0 && result !== EINPROGRESS, origin.wallTimeUs)
    if (touched === null) return
    touched.bytesSent += event.bytesSent ?? 0
    touched.bytesReceived += event.bytesReceived ?? 0
  }

  kernel(event: KernelEvent): void {
    const summary = kernelSummaryOf({ topic: 'kernel', record: event })
    const socket = networkSummaryOf({ topic: 'kernel', record: event })
    const object = summary === null ? '' : kernelObjectText(summary, event.path)
    const what = [object, socket === null ? '' : connectionText(socket)].filter((part) => part !== '').join(' ')
    this.#touch('calls', what, event.type === 'call' ? event.syscall : event.type, event.result < 0, event.origin.wallTimeUs)
  }

  #touch(sort: Sort, given: string, action: string, isRefused: boolean, atUs: number): Touched | null {
    const what = boundedText(given, MAX_THING)
    const map = this.#touched[sort]
    const key = sort === 'calls' ? `${action} ${what}` : what
    let touched = map.get(key)
    if (touched === undefined) {
      if (map.size >= MAX_OF_SORT || this.#room.left <= 0) {
        this.beyond[sort]++
        return null
      }
      this.#room.left--
      touched = { what, actions: {}, refused: 0, firstUs: atUs, lastUs: atUs, bytesSent: 0, bytesReceived: 0 }
      map.set(key, touched)
    }
    touched.actions[action] = (touched.actions[action] ?? 0) + 1
    if (isRefused) touched.refused++
    touched.firstUs = Math.min(touched.firstUs, atUs)
    touched.lastUs = Math.max(touched.lastUs, atUs)
    return touched
  }
}

/** Things of several processes as one list, the most important first; equal ones are added up. @param first what comes before all others */
export function mergedTouched(activities: readonly ProcessActivity[], sort: Sort, first: string | null): Touched[] {
  const merged = new Map<string, Touched>()
  for (const touched of activities.flatMap((activity) => [...activity.list(sort)])) {
    const key = sort === 'calls' ? `${Object.keys(touched.actions).join(' ')} ${touched.what}` : touched.what
    const before = merged.get(key)
    if (before === undefined) {
      merged.set(key, { ...touched, actions: { ...touched.actions } })
      continue
    }
    for (const [action, count] of Object.entries(touched.actions)) before.actions[action] = (before.actions[action] ?? 0) + count
    before.refused += touched.refused
    before.firstUs = Math.min(before.firstUs, touched.firstUs)
    before.lastUs = Math.max(before.lastUs, touched.lastUs)
    before.bytesSent += touched.bytesSent
    before.bytesReceived += touched.bytesReceived
  }
  const weight = (touched: Touched): number => (touched.what === first ? 4 : weightOf(touched))
  return [...merged.values()].sort((a, b) => weight(b) - weight(a) || a.firstUs - b.firstUs || (a.what < b.what ? -1 : 1))
}

/** Files of every program: libraries, locales, what the kernel shows of itself. */
const ORDINARY =
  /^\/(usr\/)?lib|^\/usr\/share\/|^\/(proc|sys|dev)\/|^\/etc\/(ld\.so|localtime|locale\.alias|nsswitch|gai|host\.conf)|^\/(var\/)?run\/nscd\//

/** What every program touches: it comes last, and a short view leaves it out. */
export function isOrdinary({ what }: Touched): boolean {
  return what === '' || what === '/' || ORDINARY.test(what)
}

function weightOf(touched: Touched): number {
  const { actions, refused } = touched
  if (isOrdinary(touched)) return 0
  return refused > 0 || actions['create'] !== undefined || actions['connect'] !== undefined ? 3 : 2
}
