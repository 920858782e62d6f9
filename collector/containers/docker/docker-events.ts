// Docker's events (GET /events) -> RuntimeEvent.
import { objectAt, textAt } from '../facts/json-fields.js'
import type { JsonObject } from '../facts/json-fields.js'
import type { RuntimeEvent } from '../runtime.js'
import { ownCgroupPaths } from './own-cgroup-paths.js'

const FILTERS = encodeURIComponent(JSON.stringify({ type: ['container'], event: ['create', 'start', 'die', 'oom', 'destroy'] }))

/** Where the events are that {@link parseDockerEvent} knows. */
export const DOCKER_EVENTS_PATH = `/events?filters=${FILTERS}`

/** One event of Docker's; null for one that is of no interest. */
export function parseDockerEvent(event: JsonObject): RuntimeEvent | null {
  const actor = objectAt(event, 'Actor')
  const containerId = textAt(actor, 'ID', 128)
  if (event['Type'] !== 'container' || !/^[0-9a-f]{64}$/.test(containerId)) return null
  switch (event['Action']) {
    case 'create':
      return { type: 'created', containerId, cgroupPaths: ownCgroupPaths(containerId, '') }
    case 'start':
      return { type: 'started', containerId, cgroupPaths: ownCgroupPaths(containerId, '') }
    case 'die':
      return { type: 'stopped', containerId, exitCode: exitCodeOf(objectAt(actor, 'Attributes'), 'exitCode') }
    case 'oom':
      return { type: 'oom', containerId }
    case 'destroy':
      return { type: 'removed', containerId }
    default:
      return null
  }
}

/** An exit status that an event has as text; null when there is none. */
export function exitCodeOf(attributes: JsonObject, key: string): number | null {
  const text = textAt(attributes, key, 16)
  return /^-?\d{1,9}$/.test(text) ? Number(text) : null
}
