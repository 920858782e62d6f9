// Docker's events (GET /events) -> RuntimeEvent, and the default cgroup paths of a container.
import { objectAt, textAt, type JsonObject } from '../facts/json-fields.js'
import type { RuntimeEvent } from '../runtime.js'
import { expandSlice } from '../../../infra/text/cgroup-path.js'

const FILTERS = encodeURIComponent(JSON.stringify({ type: ['container'], event: ['create', 'start', 'die', 'oom', 'destroy'] }))

/** Path of the events that {@link parseDockerEvent} parses. */
export const DOCKER_EVENTS_PATH = `/events?filters=${FILTERS}`

/** Parses one Docker event; null for one that is not needed. */
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

/** The exit code that an event contains as text; null when there is none. */
export function exitCodeOf(attributes: JsonObject, key: string): number | null {
  const text = textAt(attributes, key, 16)
  return /^-?\d{1,9}$/.test(text) ? Number(text) : null
}

const DEFAULT_PARENT = '/docker'
const DEFAULT_SLICE = 'system.slice'

/**
 * Paths that a container's own cgroup may have.
 * @param cgroupParent HostConfig.CgroupParent: empty, a path (cgroupfs driver), or a slice (systemd driver)
 */
export function ownCgroupPaths(containerId: string, cgroupParent: string): readonly string[] {
  const scope = `docker-${containerId}.scope`
  if (cgroupParent === '') return [`${DEFAULT_PARENT}/${containerId}`, `/${DEFAULT_SLICE}/${scope}`]
  if (cgroupParent.split('/').includes('..')) return []
  if (cgroupParent.endsWith('.slice') && !cgroupParent.includes('/')) {
    const slices = expandSlice(cgroupParent)
    // A cgroupfs driver uses the slice as a plain name.
    return [`${slices === '' ? '' : `/${slices}`}/${scope}`, `/${cgroupParent}/${containerId}`]
  }
  const parent = cgroupParent
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
  return [`${parent === '' ? '' : `/${parent}`}/${containerId}`]
}
