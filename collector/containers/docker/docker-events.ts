// Docker's event stream (GET /events): JSON lines for as long as the daemon lives, opened again with backoff when it ends.
// What happened while it was closed is found by the listener, which is told of each opening.
import { setTimeout as delay } from 'node:timers/promises'
import type { RuntimeEvent, RuntimeEvents } from '../runtime.js'
import type { DockerApi } from './docker-api.js'
import { asObject, objectAt, textAt } from './json-fields.js'
import type { JsonObject } from './json-fields.js'
import { ownCgroupPaths } from './own-cgroup-paths.js'

/** Settings of the stream. */
export interface DockerEventsConfig {
  /** First wait before the stream is opened again, doubled up to `maxBackoffMs`; default 100. */
  readonly minBackoffMs: number
  /** Longest wait: how late a daemon that comes later is found; default 2,000. */
  readonly maxBackoffMs: number
  /** Longest line, bytes; default 1 MiB. A longer one is skipped and counted. */
  readonly maxLineBytes: number
}

/** What the stream tells besides events. */
export interface DockerEventsListener {
  onEvent(event: RuntimeEvent): void
  /** The stream ended or could not be opened; told for each attempt. */
  onUnreachable(error: unknown): void
  /** A line was no JSON, or too long. */
  onBadLine(): void
}

const FILTERS = encodeURIComponent(JSON.stringify({ type: ['container'], event: ['create', 'start', 'die', 'oom', 'destroy'] }))

/** Opens the stream and keeps it open until `stop`. */
export function followDockerEvents(api: DockerApi, config: DockerEventsConfig, listener: DockerEventsListener): RuntimeEvents {
  const stopping = new AbortController()
  const done = follow(api, config, listener, stopping.signal)
  return {
    stop: () => {
      stopping.abort()
      return done
    },
  }
}

async function follow(api: DockerApi, config: DockerEventsConfig, listener: DockerEventsListener, signal: AbortSignal): Promise<void> {
  let backoffMs = config.minBackoffMs
  while (!signal.aborted) {
    try {
      const stream = await api.stream(`/events?filters=${FILTERS}`, signal)
      backoffMs = config.minBackoffMs
      listener.onEvent({ type: 'connected' })
      await readEvents(stream, config.maxLineBytes, listener)
      if (!signal.aborted) listener.onUnreachable(new Error('the event stream ended'))
    } catch (error) {
      if (!signal.aborted) listener.onUnreachable(error)
    }
    await delay(backoffMs, undefined, { signal }).catch(() => undefined)
    backoffMs = Math.min(backoffMs * 2, config.maxBackoffMs)
  }
}

async function readEvents(stream: AsyncIterable<Buffer>, maxLineBytes: number, listener: DockerEventsListener): Promise<void> {
  let pieces: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      length += end - start
      if (length <= maxLineBytes) tellLine(Buffer.concat([...pieces, chunk.subarray(start, end)]).toString('utf8'), listener)
      else listener.onBadLine()
      pieces = []
      length = 0
      start = end + 1
    }
    length += chunk.length - start
    if (length <= maxLineBytes) pieces.push(chunk.subarray(start))
    else pieces = []
  }
}

function tellLine(line: string, listener: DockerEventsListener): void {
  if (line.trim() === '') return
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    listener.onBadLine()
    return
  }
  const event = parseEvent(asObject(parsed) ?? {})
  if (event !== null) listener.onEvent(event)
}

/** One event of Docker's; null for one that is of no interest. */
export function parseEvent(event: JsonObject): RuntimeEvent | null {
  const actor = objectAt(event, 'Actor')
  const containerId = textAt(actor, 'ID', 128)
  if (event['Type'] !== 'container' || !/^[0-9a-f]{64}$/.test(containerId)) return null
  switch (event['Action']) {
    case 'create':
      return { type: 'created', containerId, cgroupPaths: ownCgroupPaths(containerId, '') }
    case 'start':
      return { type: 'started', containerId, cgroupPaths: ownCgroupPaths(containerId, '') }
    case 'die':
      return { type: 'stopped', containerId, exitCode: exitCodeOf(textAt(objectAt(actor, 'Attributes'), 'exitCode', 16)) }
    case 'oom':
      return { type: 'oom', containerId }
    case 'destroy':
      return { type: 'removed', containerId }
    default:
      return null
  }
}

function exitCodeOf(text: string): number | null {
  return /^-?\d{1,9}$/.test(text) ? Number(text) : null
}
