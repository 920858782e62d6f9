// podman's events (GET /libpod/events) -> RuntimeEvent. They have Docker's form and words of their own.
import { parseCgroupPath } from '../cgroup-path/parse-cgroup-path.js'
import { exitCodeOf } from '../docker/docker-events.js'
import { objectAt, textAt } from '../facts/json-fields.js'
import type { JsonObject } from '../facts/json-fields.js'
import type { RuntimeEvent } from '../runtime.js'

const FILTERS = encodeURIComponent(JSON.stringify({ type: ['container'], event: ['create', 'start', 'died', 'remove'] }))

/** Where the events are that {@link parsePodmanEvent} knows. */
export const PODMAN_EVENTS_PATH = `/v4.0.0/libpod/events?stream=true&filters=${FILTERS}`

/** One event of podman's; null for one that is of no interest. */
export function parsePodmanEvent(event: JsonObject): RuntimeEvent | null {
  const actor = objectAt(event, 'Actor')
  const containerId = textAt(actor, 'ID', 128)
  if (event['Type'] !== 'container' || !/^[0-9a-f]{64}$/.test(containerId)) return null
  switch (event['Action']) {
    case 'create':
      return { type: 'created', containerId, cgroupPaths: defaultCgroupPaths(containerId) }
    case 'start':
      return { type: 'started', containerId, cgroupPaths: defaultCgroupPaths(containerId) }
    case 'died':
      return { type: 'stopped', containerId, exitCode: exitCodeOf(objectAt(actor, 'Attributes'), 'containerExitCode') }
    case 'remove':
      return { type: 'removed', containerId }
    default:
      return null
  }
}

/** Where podman of root puts a container's cgroup by itself, for both of its cgroup managers. Only root may make cgroups there. */
export function defaultCgroupPaths(containerId: string): readonly string[] {
  return [`/libpod_parent/libpod-${containerId}`, `/machine.slice/libpod-${containerId}.scope`]
}

/**
 * The container's own cgroup out of the place that podman tells, which may lie below it (`.../container`). A place that does not name this
 * container, or that lies inside of another one, is not taken: a podman of a user may say what it likes.
 */
export function toldCgroupPath(path: string, containerId: string): string | null {
  const claim = parseCgroupPath(path)
  if (claim?.containerId !== containerId || claim.runtime !== 'podman') return null
  const outside = claim.cgroupPath.slice(0, claim.cgroupPath.lastIndexOf('/'))
  return path.split('/').includes('..') || (outside !== '' && parseCgroupPath(outside) !== null) ? null : claim.cgroupPath
}
